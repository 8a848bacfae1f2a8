#include "strategies/inherit/weight_store.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "compiler/hash128.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

constexpr int kFormat = 1;
constexpr char kColumns[] = "trial, architecture, fidelity, quality, steps, parent, object, bytes";

}  // namespace

struct WeightStore::Connection {
  explicit Connection(const std::string& path)
      : folder(path),
        database(absl::StrCat(path, "/index.sqlite"),
                 SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    database.setBusyTimeout(5000);
  }

  absl::Status Error(const SQLite::Exception& error) const {
    constexpr int kFull = 13;  // SQLITE_FULL
    return absl::Status(error.getErrorCode() == kFull ? absl::StatusCode::kResourceExhausted
                                                      : absl::StatusCode::kDataLoss,
                        absl::StrCat(folder, "/index.sqlite: ", error.what()));
  }

  std::string folder;
  mutable SQLite::Database database;
};

WeightStore::WeightStore(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
WeightStore::WeightStore(WeightStore&&) = default;
WeightStore& WeightStore::operator=(WeightStore&&) = default;
WeightStore::~WeightStore() = default;

std::string WeightStoreFolder(absl::string_view label) {
  return absl::StrCat("weights/", absl::StrReplaceAll(label, {{" ", "_"}}));
}

absl::StatusOr<WeightStore> WeightStore::Open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(absl::StrCat(folder, "/objects"), error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  }
  try {
    auto opened = std::make_unique<Connection>(folder);
    SQLite::Database& database = opened->database;
    const int format = database.execAndGet("PRAGMA user_version").getInt();
    if (format != 0 && format != kFormat) {
      return absl::FailedPreconditionError(
          absl::StrCat(folder, ": the store of weights has format ", format,
                       "; this version of nasc knows format ", kFormat));
    }
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec(
        "CREATE TABLE IF NOT EXISTS networks (trial INTEGER PRIMARY KEY, architecture TEXT, "
        "fidelity REAL, quality REAL, steps INTEGER, parent INTEGER, object TEXT, bytes INTEGER)");
    database.exec(absl::StrCat("PRAGMA user_version = ", kFormat));
    return WeightStore(std::move(opened));
  } catch (const SQLite::Exception& exception) {
    return absl::DataLossError(
        absl::StrCat("cannot use the store of weights ", folder, ": ", exception.what()));
  }
}

std::string WeightStore::PathOf(const std::string& object) const {
  return absl::StrCat(connection_->folder, "/objects/", object, ".safetensors");
}

absl::Status WeightStore::Put(Entry entry, const NamedTensors& tensors, const TensorNotes& notes) {
  const absl::StatusOr<std::string> bytes = TensorBytes(tensors, notes);
  if (!bytes.ok()) return bytes.status();
  entry.object = HashBytes(*bytes).ToString();
  entry.bytes = static_cast<int64_t>(bytes->size());
  if (!std::filesystem::exists(PathOf(entry.object))) {
    const absl::Status written = WriteFileAtomically(PathOf(entry.object), *bytes);
    if (!written.ok()) return written;
  }
  try {
    SQLite::Statement put(connection_->database,
                          absl::StrCat("INSERT OR REPLACE INTO networks (", kColumns,
                                       ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
    put.bind(1, entry.trial);
    put.bind(2, entry.architecture);
    put.bind(3, entry.fidelity);
    put.bind(4, entry.quality);
    put.bind(5, entry.steps);
    put.bind(6, entry.parent);
    put.bind(7, entry.object);
    put.bind(8, entry.bytes);
    put.exec();
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return connection_->Error(error);
  }
}

absl::StatusOr<std::vector<WeightStore::Entry>> WeightStore::Entries() const {
  try {
    std::vector<Entry> entries;
    SQLite::Statement query(connection_->database,
                            absl::StrCat("SELECT ", kColumns, " FROM networks ORDER BY trial"));
    while (query.executeStep()) {
      entries.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getString(),
                         query.getColumn(2).getDouble(), query.getColumn(3).getDouble(),
                         query.getColumn(4).getInt64(), query.getColumn(5).getInt64(),
                         query.getColumn(6).getString(), query.getColumn(7).getInt64()});
    }
    return entries;
  } catch (const SQLite::Exception& error) {
    return connection_->Error(error);
  }
}

absl::StatusOr<TensorFile> WeightStore::Load(const Entry& entry) const {
  return LoadTensors(PathOf(entry.object));
}

absl::Status WeightStore::RemoveUnused(const std::string& object) {
  SQLite::Statement users(connection_->database, "SELECT count(*) FROM networks WHERE object = ?");
  users.bind(1, object);
  users.executeStep();
  if (users.getColumn(0).getInt64() > 0) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove(PathOf(object), error);
  return error ? absl::InternalError(
                     absl::StrCat("cannot remove ", PathOf(object), ": ", error.message()))
               : absl::OkStatus();
}

absl::Status WeightStore::ForgetAfter(int64_t trial) {
  const absl::StatusOr<std::vector<Entry>> entries = Entries();
  if (!entries.ok()) return entries.status();
  try {
    SQLite::Statement forget(connection_->database, "DELETE FROM networks WHERE trial > ?");
    forget.bind(1, trial);
    forget.exec();
    for (const Entry& entry : *entries) {
      if (entry.trial <= trial) continue;
      if (absl::Status status = RemoveUnused(entry.object); !status.ok()) return status;
    }
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return connection_->Error(error);
  }
}

absl::Status WeightStore::Shrink(int64_t bytes) {
  absl::StatusOr<std::vector<Entry>> entries = Entries();
  if (!entries.ok()) return entries.status();
  std::map<std::string, int64_t> uses;
  int64_t total = 0;
  for (const Entry& entry : *entries) {
    if (uses[entry.object]++ == 0) total += entry.bytes;
  }
  std::stable_sort(entries->begin(), entries->end(),
                   [](const Entry& a, const Entry& b) { return a.quality < b.quality; });
  try {
    for (size_t i = 0; i + 1 < entries->size() && total > bytes; ++i) {
      const Entry& worst = (*entries)[i];
      SQLite::Statement drop(connection_->database, "DELETE FROM networks WHERE trial = ?");
      drop.bind(1, worst.trial);
      drop.exec();
      if (--uses[worst.object] > 0) continue;
      total -= worst.bytes;
      if (absl::Status status = RemoveUnused(worst.object); !status.ok()) return status;
    }
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return connection_->Error(error);
  }
}

}  // namespace nasc
