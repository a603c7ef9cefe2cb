#include "run/event_file.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <submask/error.h>

#include "base/hash.h"
#include "run/event_encoding.h"
#include "run/tf_record.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

using Json = nlohmann::json;

Json reference() {
  std::ifstream file(std::string(SUBMASK_TEST_DATA) + "/golden/run/event_file.json");
  return Json::parse(file);
}

std::string encode(const Json& event) {
  const double wall_time = event["wall_time"];
  const int64_t step = event["step"];
  if (event["kind"] == "version") return version_event(wall_time);
  if (event["kind"] == "restart") return restart_event(wall_time, step);
  return scalars_event(wall_time, step, event["scalars"].get<Scalars>());
}

// The payloads of a file's records; framing is made again, so damage would show.
std::vector<std::string> payloads(const fs::path& path) {
  const std::string file = read_text_file(path);
  std::vector<std::string> all;
  for (size_t at = 0; at < file.size(); at += all.back().size() + 16) {
    uint64_t length = 0;
    for (size_t i = 8; i-- > 0;) length = length << 8 | static_cast<uint8_t>(file.at(at + i));
    all.push_back(file.substr(at + 12, length));
    EXPECT_EQ(to_hex(as_bytes(file.substr(at, length + 16))),
              to_hex(as_bytes(tf_record(all.back()))));
  }
  return all;
}

// An event without its time: the field's key and eight bytes at its start.
std::string timeless(const std::string& event) { return event.substr(9); }

TEST(EventFile, HasThePublishedChecksum) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
  // RFC 3720, B.4: 32 bytes of ones.
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\xFF'))), 0x62A8AB43U);
}

TEST(EventFile, EncodesAsTensorBoardDoes) {
  const Json events = reference()["events"];
  ASSERT_GE(events.size(), 7U);
  for (const Json& event : events)
    EXPECT_EQ(to_hex(as_bytes(tf_record(encode(event)))), event["record"]) << event;
}

TEST(EventFile, IsWholeAfterEachCall) {
  const fs::path folder = fresh_folder("events") / "made" / "here";
  EventFile file(folder);
  EXPECT_TRUE(file.path().filename().string().starts_with("events.out.tfevents."));
  ASSERT_EQ(payloads(file.path()).size(), 1U);
  file.restart(3);
  EXPECT_EQ(payloads(file.path()).size(), 2U);
  const Scalars scalars = {{"loss", 0.5}, {"accuracy", 0}};
  file.add(3, scalars);
  const auto events = payloads(file.path());
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(timeless(events[0]), timeless(version_event(0)));
  EXPECT_EQ(timeless(events[1]), timeless(restart_event(0, 3)));
  EXPECT_EQ(timeless(events[2]), timeless(scalars_event(0, 3, scalars)));
}

TEST(EventFile, NeverSharesAFile) {
  const fs::path folder = fresh_folder("shared");
  const EventFile first(folder), second(folder);
  EXPECT_NE(first.path(), second.path());
}

TEST(EventFile, SaysWhereNothingCanBeWritten) {
  const fs::path folder = fresh_folder("nowhere");
  std::ofstream(folder / "file") << "a file";
  for (const fs::path& where : {folder / "file", folder / "file" / "below", fs::path("/proc/x")}) {
    try {
      const EventFile file(where);
      FAIL() << where;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::io);
      EXPECT_NE(std::string(error.what()).find(where.string()), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace submask
