#include <cstdio>
#include <cstring>
#include <map>
#include <zlib.h>
#include <zstd.h>

#include "data/format/tar_directory.h"
#include "data/set/shard_names.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

std::string tar_member(const std::string& name, const std::string& content, char type = '0') {
  std::string header(512, '\0');
  name.copy(header.data(), 100);
  std::snprintf(&header[124], 12, "%011zo", content.size());
  header[156] = type;
  std::memcpy(&header[257], "ustar\00000", 8);
  std::memset(&header[148], ' ', 8);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(&header[148], 8, "%06o", sum);
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512);
  return header + padded;
}

std::string tar(const std::string& members) { return members + std::string(1024, '\0'); }

std::string sample(const std::string& key, const std::string& label) {
  return tar_member(key + ".jpg", read_text_file(golden_folder() / "images/rgb420.jpg")) +
         tar_member(key + ".cls", label);
}

std::vector<TarEntry> read_entries(const std::string& archive) {
  return read_tar_directory(as_bytes(archive), "FILE");
}

std::string tar_error(const std::string& archive) {
  return error_of(ErrorKind::corrupt_file, [&] { read_entries(archive); });
}

TEST(TarDirectory, FindsRegularFilesAndTheirLongNames) {
  const std::string long_name(150, 'n'), pax = "32 path=caf\xC3\xA9/a much longer.jpg\n";
  const auto entries = read_entries(
      tar(tar_member("folder/", "", '5') + tar_member("a", "1234") + tar_member("b", "") +
          tar_member("././@LongLink", long_name + std::string(1, '\0'), 'L') +
          tar_member("cut", std::string(600, 'x')) + tar_member("header", pax, 'x') +
          tar_member("ascii", "z") + tar_member("global", "16 comment=abcd\n", 'g') +
          tar_member("last", "")));
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[0].offset, 1024U);
  EXPECT_EQ(entries[0].size, 4U);
  EXPECT_EQ(entries[1].size, 0U);
  EXPECT_EQ(entries[2].name, long_name);
  EXPECT_EQ(entries[2].size, 600U);
  EXPECT_EQ(entries[3].name, "caf\xC3\xA9/a much longer.jpg");
  EXPECT_EQ(entries[4].name, "last");
}

TEST(TarDirectory, RefusesCutAndDamagedArchives) {
  const std::string whole = tar(tar_member("a", "1234") + tar_member("b", std::string(700, 'x')));
  // Its last block is a second mark of the end.
  for (size_t size = 0; size < whole.size() - 1024 + 512; ++size)
    expect_part_of("cut off", tar_error(whole.substr(0, size)));
  std::string bad = whole;
  bad[0] = 'c';
  expect_part_of("sum right", tar_error(bad));
  tar_error(std::string(512, 'x'));
  for (const char* pax : {"", "x", "5 a\n", "99 path=a\n", "10 path=a", "11 size=x1\n", "0 a=b\n"})
    if (*pax != '\0') expect_part_of("pax", tar_error(tar(tar_member("h", pax, 'x'))));
  const std::string huge = "29 size=18446744073709551615\n";
  expect_part_of("cut off", tar_error(tar(tar_member("h", huge, 'x') + tar_member("a", "1"))));
  expect_part_of("names of at most",
                 tar_error(tar(tar_member("l", std::string(70'000, 'n'), 'L'))));
}

TEST(ShardNames, WritesRangesOutAndFindsPatterns) {
  const fs::path folder = fresh_folder("shard_names");
  for (const char* name : {"t-10.tar", "t-9.tar", "u.tar", "t-1.txt"}) put_file(folder / name, "");
  EXPECT_EQ(find_shards("x-{008..010}.tar"),
            (std::vector<fs::path>{"x-008.tar", "x-009.tar", "x-010.tar"}));
  EXPECT_EQ(find_shards("{0..1}{5..5}"), (std::vector<fs::path>{"05", "15"}));
  EXPECT_EQ(find_shards((folder / "t-*.tar").string()),
            (std::vector<fs::path>{folder / "t-9.tar", folder / "t-10.tar"}));
  EXPECT_EQ(error_of(ErrorKind::io, [&] { find_shards((folder / "v*").string()); }),
            "expected shards named " + (folder / "v*").string() + ", got none");
  const auto refused = [](const std::string& pattern) {
    return error_of(ErrorKind::invalid_argument, [&] { find_shards(pattern); });
  };
  for (const std::string range :
       {"{", "{}", "{1}", "{2..1}", "{a..b}", "{18446744073709551615..18446744073709551616}"})
    EXPECT_EQ(refused(range), "expected a range of shards {FIRST..LAST}, got " + range);
  for (const std::string many : {"{0..9999999}", "{0..99999}{0..99999}"})
    EXPECT_EQ(refused(many), "expected a pattern of at most 1000000 shards, got " + many);
}

TEST(TarDataset, ReadsImagesWhereTheyLie) {
  const fs::path folder = fresh_folder("tar");
  put_file(folder / "train-0.tar",
           tar(sample("000/a", "1") + sample("000/b", "0\n") +
               tar_member("000/c.json", "{}") +  // no image, no label: passed over
               tar_member("000/d.cls", "2") +
               tar_member("000/d.PNG", read_text_file(golden_folder() / "images/rgb.png"))));
  put_file(folder / "train-1.tar", tar(sample("e", "2")));
  put_file(folder / "test.tar", tar(sample("f", "1")));
  const std::string spec =
      "tar:" + (folder / "train-{0..1}.tar").string() + "," + (folder / "test.tar").string();
  const DataSplits data = open_spec(spec);
  EXPECT_EQ(labels_of(*data.train), (std::vector<int64_t>{1, 0, 2, 2}));
  EXPECT_EQ(labels_of(*data.test), std::vector<int64_t>{1});
  EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(data.train->image_name(2), (folder / "train-0.tar/000/d.PNG").string());
  EXPECT_EQ(data.train->image(2).pixels, read_image(golden_folder() / "images/rgb.png").pixels);
  EXPECT_EQ(data.test->image(0).pixels, read_image(golden_folder() / "images/rgb420.jpg").pixels);
  expect_readable(spec);
  put_file(folder / "classnames.txt", "ant\nbee\ncat\ndog\n");
  EXPECT_EQ(open_spec(spec).train->class_names().back(), "dog");
  put_file(folder / "classnames.txt", "ant\nbee\n");
  expect_part_of("labels below 2, the lines of classnames.txt, got 2 of 000/d.PNG",
                 spec_error(spec));
}

TEST(TarDataset, SplitsOnePatternByTheSeed) {
  const fs::path folder = fresh_folder("tar_split");
  std::string members;
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) members += sample(key, "0");
  put_file(folder / "all.tar", tar(members));
  const std::string spec = "tar:" + (folder / "*.tar").string();
  EXPECT_EQ(open_spec(spec).train->size(), 5);
  EXPECT_EQ(open_spec(spec).test->size(), 1);
  expect_readable(spec);
}

TEST(TarDataset, RefusesWhatIsNoPair) {
  const fs::path folder = fresh_folder("tar_bad"), shard = folder / "a.tar";
  const std::string spec = "tar:" + shard.string(), image = tar_member("k.jpg", "");
  const auto refused = [&](const std::string& content, const std::string& part) {
    put_file(shard, content);
    const std::string message = spec_error(spec);
    expect_part_of(part, message);
    expect_part_of(shard.string(), message);
  };
  refused(tar(""), "images with labels");
  refused(tar(image), "images with labels");
  refused(tar(tar_member("k.cls", "1")), "images with labels");
  for (const char* label : {"", "x", "-1", "1.5", "100000", "99999999999"})
    refused(tar(image + tar_member("k.cls", label)), "a label of 0 to 99999 in k.cls");
  refused(sample("k", "0"), "cut off");
  fs::remove(shard);
  spec_error(spec, ErrorKind::io);
}

TEST(TarDataset, CountsWhatBelongsToNoPair) {
  const fs::path folder = fresh_folder("tar_passed_over"), shard = folder / "a.tar";
  const std::string image = read_text_file(golden_folder() / "images/rgb420.jpg");
  put_file(shard, tar(tar_member("._a.jpg", "") + tar_member("__MACOSX/a.jpg", "") +
                      tar_member("a.jpg", image) + tar_member("a.png", image) +
                      tar_member("a.cls", "0") + tar_member("a.json", "{}") + sample("b", "0") +
                      tar_member("lone.jpg", image) + tar_member("label.cls", "0") +
                      tar_member("c.v2.jpg", image) + tar_member("c.cls", "0")));
  const DataSplits data = open_spec("tar:" + shard.string());
  EXPECT_EQ(data.train->size() + data.test->size(), 2);
  std::map<std::string, int64_t> counts;
  for (const PassedOver& files : data.passed_over)
    counts[files.what + (files.is_loss ? "" : ", no loss")] = files.count;
  EXPECT_EQ(counts,
            (std::map<std::string, int64_t>{
                {"members of shards without an image or without a .cls beside them", 4},
                {"second images of a sample", 1},
                {"other fields of samples, no loss", 1},
                {"files and folders that systems left behind, or hidden ones, no loss", 2}}));
}

TEST(TarDataset, ReadsCompressedShardsAsPlainOnes) {
  const fs::path folder = fresh_folder("tar_compressed");
  const std::string first = tar(sample("a", "0") + sample("b", "0")),
                    second = tar(sample("c", "0"));
  put_file(folder / "0.tar", first);
  put_file(folder / "1.tar", second);
  const std::string plain = open_spec("tar:" + (folder / "{0..1}.tar").string()).train->digest();
  std::string frame(ZSTD_compressBound(first.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), first.data(), first.size(), 3));
  put_file(folder / "0.tar.zst", frame);
  gzFile gzip = gzopen((folder / "1.tar.gz").c_str(), "wb");
  gzwrite(gzip, second.data(), static_cast<unsigned>(second.size()));
  gzclose(gzip);
  const std::string spec = "tar:" + (folder / "*.tar.*").string();
  const DataSplits data = open_spec(spec);
  EXPECT_EQ(data.train->digest(), plain);
  EXPECT_EQ(data.train->image(0).pixels, read_image(golden_folder() / "images/rgb420.jpg").pixels);
  expect_readable(spec);
  put_file(folder / "0.tar.zst", frame.substr(0, frame.size() - 1));
  expect_part_of("0.tar.zst", spec_error(spec));
}

TEST(TarDataset, NamesAShardThatShrank) {
  const fs::path folder = fresh_folder("tar_shrunk"), shard = folder / "a.tar";
  const std::string whole = tar(sample("a", "0") + sample("b", "0"));
  put_file(shard, whole);
  const DataSplits data = open_spec("tar:" + shard.string());
  put_file(shard, whole.substr(0, 600));
  expect_part_of(shard.string(), error_of(ErrorKind::corrupt_file, [&] { data.train->image(0); }));
}

}  // namespace
}  // namespace submask
