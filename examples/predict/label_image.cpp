// Labels an image by a task file over the embedded backbone: label_image TASK IMAGE
#include <iostream>

#include <submask/error.h>
#include <submask/predictor.h>

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  submask::Predictor predictor(argv[1]);
  std::cout << predictor.predict(argv[2]).front().label << '\n';
} catch (const submask::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
