#include "serve/engine/held_file.h"

#include <fstream>
#include <gtest/gtest.h>

#include "error_of.h"
#include "scratch_folder.h"

namespace submask {
namespace {

TEST(HeldFile, IsReadAsItIsNow) {
  const auto path = scratch_folder() / "held";
  std::ofstream(path) << "four";
  const HeldFile held(path);
  EXPECT_EQ(held.mark().bytes, 4U);
  EXPECT_EQ(held.read(4), "four");
  EXPECT_EQ(held.read(3), std::nullopt);
  std::ofstream(path, std::ios::app) << std::string(100, 'x');
  EXPECT_EQ(held.read(104)->size(), 104U);
  EXPECT_EQ(held.read(103), std::nullopt);
  std::filesystem::remove(path);
  std::ofstream(path) << "another";
  EXPECT_EQ(held.read(1000)->size(), 104U);
}

TEST(HeldFile, IsAFile) {
  EXPECT_EQ(error_of(ErrorKind::io, [] { HeldFile{scratch_folder()}; }),
            "expected a file, got another thing, in " + scratch_folder().string());
}

}  // namespace
}  // namespace submask
