#include "weights/zip_archive.h"

#include <gmock/gmock.h>

#include "weight_samples.h"

namespace submask {
namespace {

using testing::HasSubstr;

std::string number(uint64_t value, int bytes) {
  return {reinterpret_cast<const char*>(&value), static_cast<size_t>(bytes)};
}

struct Sample {
  uint16_t method = 0;
  uint32_t size = 5;             // as the directory says
  uint32_t offset = 0;           // of the local header
  uint64_t directory_shift = 0;  // what is wrong with the directory's place
  std::string extra;
};

// An archive of one entry "name" that holds "hello".
std::string archive(const Sample& sample) {
  const std::string local =
      "PK\x03\x04" + std::string(22, '\0') + number(4, 2) + number(0, 2) + "name" + "hello";
  const std::string central = "PK\x01\x02" + std::string(6, '\0') + number(sample.method, 2) +
                              std::string(8, '\0') + number(sample.size, 4) +
                              number(sample.size, 4) + number(4, 2) +
                              number(sample.extra.size(), 2) + std::string(10, '\0') +
                              number(sample.offset, 4) + "name" + sample.extra;
  const std::string end = "PK\x05\x06" + std::string(4, '\0') + number(1, 2) + number(1, 2) +
                          number(central.size(), 4) +
                          number(local.size() + sample.directory_shift, 4) + number(0, 2);
  return local + central + end;
}

std::string zip_refusal(const std::string& content) {
  return corrupt_message([&] { read_zip_directory(as_bytes(content), "FILE"); });
}

TEST(ZipArchive, ReadsAStoredEntry) {
  const std::string content = archive({});
  const auto entries = read_zip_directory(as_bytes(content), "FILE");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].name, "name");
  EXPECT_TRUE(entries[0].stored);
  EXPECT_EQ(std::string(entries[0].data.begin(), entries[0].data.end()), "hello");
}

TEST(ZipArchive, ReadsSizesFromTheExtraField) {
  Sample sample;
  sample.size = 0xffffffff;
  sample.extra = number(7, 2) + number(1, 2) + "x" + number(1, 2) + number(16, 2) + number(5, 8) +
                 number(5, 8);
  const std::string content = archive(sample);
  EXPECT_EQ(read_zip_directory(as_bytes(content), "FILE").at(0).data.size(), 5U);
}

TEST(ZipArchive, ReadsAZip64Directory) {
  std::string content = archive({});
  const size_t central = content.find("PK\x01\x02");
  const size_t end = content.find("PK\x05\x06");
  const std::string end64 = "PK\x06\x06" + number(44, 8) + std::string(12, '\0') + number(1, 8) +
                            number(1, 8) + number(end - central, 8) + number(central, 8);
  const std::string locator = "PK\x06\x07" + number(0, 4) + number(end, 8) + number(1, 4);
  content = content.substr(0, end) + end64 + locator + "PK\x05\x06" + std::string(4, '\0') +
            number(0xffff, 2) + number(0xffff, 2) + number(0xffffffff, 4) + number(0xffffffff, 4) +
            number(0, 2);
  EXPECT_EQ(read_zip_directory(as_bytes(content), "FILE").at(0).name, "name");
  const std::string without = content.substr(0, end) + content.substr(end + end64.size());
  EXPECT_THAT(zip_refusal(without), HasSubstr("zip64"));
}

TEST(ZipArchive, MarksCompressedEntries) {
  Sample sample;
  sample.method = 8;
  const std::string content = archive(sample);
  EXPECT_FALSE(read_zip_directory(as_bytes(content), "FILE").at(0).stored);
}

TEST(ZipArchive, RefusesWhatLiesOutsideTheFile) {
  Sample large;
  large.size = 500;
  EXPECT_THAT(zip_refusal(archive(large)), HasSubstr("truncated"));
  Sample far;
  far.offset = 10'000;
  EXPECT_THAT(zip_refusal(archive(far)), HasSubstr("10000"));
  Sample inside;
  inside.offset = 3;
  EXPECT_THAT(zip_refusal(archive(inside)), HasSubstr("entry header"));
  Sample shifted;
  shifted.directory_shift = 1;
  EXPECT_THAT(zip_refusal(archive(shifted)), HasSubstr("directory entry"));
  EXPECT_THAT(zip_refusal("PK\x03\x04"), HasSubstr("directory at its end"));
  EXPECT_THAT(zip_refusal(""), HasSubstr("directory at its end"));
}

}  // namespace
}  // namespace submask
