// Says how many backbones the library that pkg-config found knows.
#include <iostream>

#include <submask/backbone.h>
#include <submask/version.h>

int main() {
  std::cout << submask::version() << ": " << submask::backbone_list().size() << " backbones\n";
}
