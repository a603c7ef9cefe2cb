#include "serve/engine/folder_files.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

class FolderFilesTest : public testing::Test {
 protected:
  using Check = FolderFile::Check;

  FolderFilePointer look_at(const std::string& file_name, int64_t changed) {
    files_.look_at(file_name, {.bytes = 1, .changed = changed, .inode = 1});
    return files_.named(file_name.substr(0, file_name.rfind('.')));
  }

  // As a check does that opened the file as it was at that time.
  void end_check(FolderFile& file, int64_t changed, const std::string& refused = "",
                 const std::string& parent = "") {
    CheckedFile found{.there = {.bytes = 1, .changed = changed, .inode = 1},
                      .parent = parent,
                      .refused = refused};
    found.listing = {.file_name = file.file_name,
                     .name = file.listing.name,
                     .digest = "digest" + std::to_string(changed)};
    files_.end_check(file, std::move(found));
  }

  FolderFiles files_;
};

TEST_F(FolderFilesTest, AFileIsCheckedOnceForEachChange) {
  const auto file = look_at("a.task", 1);
  EXPECT_EQ(files_.next_unchecked(), file);
  files_.begin_check(*file);
  end_check(*file, 1);
  EXPECT_EQ(files_.next_unchecked(), nullptr);
  look_at("a.task", 1);
  EXPECT_EQ(files_.unchecked(), 0U);
  look_at("a.task", 2);
  EXPECT_EQ(files_.next_unchecked(), file);
  EXPECT_EQ(file->listing.digest, "digest1");
}

TEST_F(FolderFilesTest, AChangeDuringACheckIsNotLost) {
  const auto file = look_at("a.task", 1);
  files_.begin_check(*file);
  look_at("a.task", 2);
  end_check(*file, 1);
  EXPECT_EQ(file->listing.digest, "digest1");
  EXPECT_EQ(files_.next_unchecked(), file);
  files_.begin_check(*file);
  end_check(*file, 2);
  EXPECT_EQ(file->listing.digest, "digest2");
  EXPECT_EQ(files_.unchecked(), 0U);
}

TEST_F(FolderFilesTest, AParentThatComesDuringACheckIsNotLost) {
  const auto child = look_at("child.task", 1);
  files_.begin_check(*child);
  const auto parent = look_at("parent.task", 1);
  end_check(*child, 1, "no parent", "parent.task");
  files_.begin_check(*parent);
  end_check(*parent, 1);
  EXPECT_EQ(files_.next_unchecked(), child);
}

TEST_F(FolderFilesTest, AChangeOfAParentIsOneOfItsChildren) {
  const auto parent = look_at("a-parent.task", 1), child = look_at("child.task", 1);
  for (const auto& file : {parent, child}) {
    files_.begin_check(*file);
    end_check(*file, 1, "", file == child ? "a-parent.task" : "");
  }
  ASSERT_EQ(files_.unchecked(), 0U);
  look_at("a-parent.task", 2);
  EXPECT_EQ(files_.unchecked(), 2U);
  for (const auto& file : {parent, child}) {
    files_.begin_check(*file);
    end_check(*file, file == parent ? 2 : 1, "", file == child ? "a-parent.task" : "");
  }
  files_.remove("a-parent.task");
  EXPECT_EQ(files_.next_unchecked(), child);
}

TEST_F(FolderFilesTest, AChangeIsOneOfAllDescendants) {
  const auto parent = look_at("parent.task", 1), child = look_at("child.task", 1),
             grandchild = look_at("a-grandchild.task", 1);
  const auto check = [&] {
    for (const auto& [file, its] :
         {std::pair(parent, ""), {child, "parent.task"}, {grandchild, "child.task"}}) {
      files_.begin_check(*file);
      end_check(*file, 1, "", its);
    }
    ASSERT_EQ(files_.unchecked(), 0U);
  };
  check();
  look_at("parent.task", 2);
  EXPECT_EQ(files_.unchecked(), 3U);
  check();
  files_.remove("parent.task");
  EXPECT_EQ(files_.unchecked(), 2U);
}

// Of two files of one name the second has its turn where the first is not served.
TEST_F(FolderFilesTest, ABrokenFileStandsInNoOthersWay) {
  const auto second = look_at("a.task", 1);
  files_.look_at("a.cascade", {.bytes = 1, .changed = 1, .inode = 2});
  const auto first = files_.next_unchecked();
  ASSERT_EQ(first->file_name, "a.cascade");
  ASSERT_TRUE(files_.is_second_of_its_name(*second));
  files_.begin_check(*second);
  files_.end_check(*second, {.there = second->there, .refused = "second", .is_second = true});
  files_.begin_check(*first);
  files_.end_check(*first, {.there = first->there, .refused = "broken"});
  EXPECT_EQ(files_.next_unchecked(), second);
  EXPECT_FALSE(files_.is_second_of_its_name(*second));
  files_.begin_check(*second);
  files_.end_check(*second, {.there = second->there, .refused = "broken too"});
  EXPECT_EQ(files_.unchecked(), 0U);
}

TEST_F(FolderFilesTest, ForgetsAVersionThatCannotGoOn) {
  const auto file = look_at("a.task", 1);
  files_.begin_check(*file);
  end_check(*file, 1);
  for (const bool is_lost : {false, true}) {
    files_.begin_check(*file);
    files_.end_check(*file, {.there = file->there, .refused = "no parent", .is_lost = is_lost});
    EXPECT_EQ(file->listing.digest, is_lost ? "" : "digest1");
    EXPECT_EQ(file->listing.error, "no parent");
  }
}

TEST_F(FolderFilesTest, AFileThatCannotBeOpenedIsLookedAtAgain) {
  const auto file = look_at("a.task", 1);
  files_.begin_check(*file);
  files_.end_check(*file, {.there = {}, .refused = "too many open files"});
  EXPECT_EQ(files_.unchecked(), 0U);
  look_at("a.task", 1);
  EXPECT_EQ(files_.next_unchecked(), file);
}

TEST_F(FolderFilesTest, LosesOnlyTheVersionThatWasReplaced) {
  const auto file = look_at("a.task", 1);
  files_.begin_check(*file);
  end_check(*file, 2);
  files_.lose(*file, "digest1");
  EXPECT_EQ(file->listing.digest, "digest2");
  EXPECT_EQ(files_.unchecked(), 0U);
  files_.lose(*file, "digest2");
  EXPECT_EQ(file->listing.digest, "");
  EXPECT_EQ(files_.next_unchecked(), file);
}

TEST_F(FolderFilesTest, TheIndexHasWhatIsSettledAndGood) {
  const auto good = look_at("good.task", 1), bad = look_at("bad.task", 1);
  const auto late = look_at("late.task", INT64_MAX);
  for (const auto& file : {good, bad, late}) files_.begin_check(*file);
  end_check(*good, 1);
  end_check(*bad, 1, "broken");
  end_check(*late, INT64_MAX);
  EXPECT_TRUE(files_.take_index_is_old());
  const auto indexed = files_.indexed();
  ASSERT_EQ(indexed.size(), 1U);
  EXPECT_EQ(indexed[0].listing.file_name, "good.task");
  EXPECT_TRUE(files_.take_index_is_old());  // for the one that is not settled
  FolderFiles again;
  again.restore(indexed);
  EXPECT_EQ(again.unchecked(), 0U);
  EXPECT_EQ(again.named("good")->listing.digest, "digest1");
}

}  // namespace
}  // namespace submask
