#include "strategies/trial_store.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

const TrialStore::Facts kFacts = {{"space", "tiny 1.0.0"}, {"seed", "3"}};
const std::vector<std::string> kMeasures = {"accuracy", "odd \"name\""};

Trial MakeTrial(int64_t number, uint64_t code) {
  Trial trial;
  trial.number = number;
  trial.architecture = {code, ~code};
  trial.fidelity = 1.0 / static_cast<double>(number);
  trial.values = {0.1 * static_cast<double>(number), 1e-300};
  trial.objectives = {0.5};
  return trial;
}

std::function<std::string()> Text(uint64_t code) {
  return [code] { return "architecture " + std::to_string(code); };
}

class TrialStoreTest : public testing::Test {
 protected:
  std::string path() { return folder_.path() + "/trials.sqlite"; }

  std::vector<TrialStore::Record> Read(const std::string& search) {
    absl::StatusOr<TrialStore> store = TrialStore::OpenToRead(path());
    EXPECT_TRUE(store.ok()) << store.status();
    std::vector<TrialStore::Record> records;
    const absl::Status status = store->ForEach(search, [&](const TrialStore::Record& record) {
      records.push_back(record);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return records;
  }

  TestFolder folder_;
};

TEST_F(TrialStoreTest, GivesBackWhatItGot) {
  {
    absl::StatusOr<TrialStore> store = TrialStore::Create(path(), kFacts, kMeasures, 1);
    ASSERT_TRUE(store.ok()) << store.status();
    Trial diverged = MakeTrial(2, 7);
    diverged.values[0] = std::numeric_limits<double>::quiet_NaN();
    diverged.objectives[0] = -std::numeric_limits<double>::infinity();
    Trial same = MakeTrial(3, 5);
    same.same_as = 1;
    for (const Trial& trial : {MakeTrial(1, 5), diverged, same}) {
      ASSERT_TRUE(store->Add("search", trial, 10 * trial.number, Text(trial.architecture[0])).ok());
    }
    ASSERT_TRUE(store->Add("random", MakeTrial(1, 9), 0, Text(9)).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
  const std::vector<TrialStore::Record> records = Read("search");
  ASSERT_EQ(records.size(), 3);
  EXPECT_EQ(records[0].trial.architecture, MakeTrial(1, 5).architecture);
  EXPECT_EQ(records[0].trial.values, MakeTrial(1, 5).values);
  EXPECT_EQ(records[0].text, "architecture 5");
  EXPECT_EQ(records[1].trial.fidelity, 0.5);
  EXPECT_TRUE(std::isnan(records[1].trial.values[0]));
  EXPECT_TRUE(records[1].trial.diverged());
  EXPECT_EQ(records[2].trial.same_as, 1);
  EXPECT_EQ(records[2].metrics_bytes, 30);
  EXPECT_EQ(records[2].text, "architecture 5");
  EXPECT_EQ(Read("random").size(), 1);
}

TEST_F(TrialStoreTest, GoesOnWhereItStopped) {
  {
    absl::StatusOr<TrialStore> store = TrialStore::Create(path(), kFacts, kMeasures, 1);
    ASSERT_TRUE(store->Add("search", MakeTrial(1, 5), 0, Text(5)).ok());
  }
  {
    absl::StatusOr<TrialStore> store = TrialStore::Open(path(), kFacts, kMeasures, 1);
    ASSERT_TRUE(store.ok()) << store.status();
    // The architecture is known: nobody asks for its text again.
    ASSERT_TRUE(store
                    ->Add("search", MakeTrial(2, 5), 0,
                          [] {
                            ADD_FAILURE();
                            return std::string();
                          })
                    .ok());
  }
  EXPECT_EQ(Read("search").size(), 2);
}

TEST_F(TrialStoreTest, RefusesTheTrialsOfAnotherSearch) {
  ASSERT_TRUE(TrialStore::Create(path(), kFacts, kMeasures, 1).ok());
  TrialStore::Facts other = kFacts;
  other["seed"] = "4";
  const absl::Status status = TrialStore::Open(path(), other, kMeasures, 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            path() + ": the trials are of another search: its seed is '3', here it is '4'");
  EXPECT_FALSE(TrialStore::Open(path(), kFacts, {"loss"}, 1).ok());
}

TEST_F(TrialStoreTest, SaysWhatIsNoRecord) {
  EXPECT_FALSE(TrialStore::OpenToRead(path()).ok());
  std::ofstream(path()) << "these are no trials, whatever the name of the file says";
  EXPECT_EQ(TrialStore::Open(path(), kFacts, kMeasures, 1).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(TrialStore::OpenToRead(path()).status().code(), absl::StatusCode::kDataLoss);
}

// Trials that take a while are on the disk as soon as they end.
TEST_F(TrialStoreTest, SurvivesBeingKilled) {
  const pid_t child = fork();
  if (child == 0) {
    absl::StatusOr<TrialStore> store = TrialStore::Create(path(), kFacts, kMeasures, 1);
    for (int64_t number = 1; number <= 5; ++number) {
      if (!store->Add("search", MakeTrial(number, 100 + number), 0, Text(number)).ok()) _exit(1);
      absl::SleepFor(absl::Milliseconds(60));
    }
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const std::vector<TrialStore::Record> records = Read("search");
  ASSERT_EQ(records.size(), 5);
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].trial.number, static_cast<int64_t>(i) + 1);
  }
}

}  // namespace
}  // namespace nasc
