// Labels an image by a task file over the embedded backbone: label_image TASK IMAGE
#include <iostream>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/loader.h>
#include <submask/predictor.h>
#include <submask/task_file.h>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: label_image TASK IMAGE\n";
    return 2;
  }
  const std::string name = submask::read_packed_task(argv[1]).backbone;
  const auto backbone = submask::Backbone::load(name, "");
  const submask::Task task = submask::read_task(argv[1], *backbone);
  submask::Predictor predictor(*backbone);
  predictor.select(task);

  submask::Transform transform;
  transform.preprocessing = task.preprocessing;
  submask::Loader loader(submask::image_list({argv[2]}), transform, {});
  loader.start_epoch(0);
  const submask::Batch batch = *loader.next();
  const at::Tensor logits =
      predictor.logits(submask::normalise(batch.images(), task.preprocessing));
  std::cout << task.classes.at(logits.argmax().item<int64_t>()) << '\n';
  return 0;
} catch (const submask::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
