#include "strategies/trial_store.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

namespace nasc {
namespace {

constexpr int kFull = 13;  // SQLITE_FULL
constexpr char kFormat[] = "1";
constexpr absl::Duration kFlushEvery = absl::Milliseconds(50);

std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string Column(const std::string& measure) { return Quoted(absl::StrCat("measure_", measure)); }

std::string CodeBytes(const ArchitectureCode& code) {
  std::string bytes;
  for (uint64_t word : code) {
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(word >> (8 * i)));
  }
  return bytes;
}

ArchitectureCode CodeOf(absl::string_view bytes) {
  ArchitectureCode code(bytes.size() / 8, 0);
  for (size_t i = 0; i < code.size() * 8; ++i) {
    code[i / 8] |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i % 8));
  }
  return code;
}

}  // namespace

struct TrialStore::Connection {
  explicit Connection(const std::string& file, int flags) : path(file), database(file, flags) {
    database.setBusyTimeout(5000);
  }

  absl::Status Error(const SQLite::Exception& error) const {
    return absl::Status(error.getErrorCode() == kFull ? absl::StatusCode::kResourceExhausted
                                                      : absl::StatusCode::kDataLoss,
                        absl::StrCat(path, ": ", error.what()));
  }

  void Prepare(const std::vector<std::string>& measures) {
    std::string columns;
    std::string places;
    for (const std::string& measure : measures) {
      absl::StrAppend(&columns, ", ", Column(measure));
      places += ", ?";
    }
    names = columns;
    add_trial = std::make_unique<SQLite::Statement>(
        database, absl::StrCat("INSERT INTO trials (search, number, architecture, fidelity, "
                               "same_as, metrics_bytes",
                               columns, ") VALUES (?, ?, ?, ?, ?, ?", places, ")"));
    add_architecture = std::make_unique<SQLite::Statement>(
        database, "INSERT INTO architectures (id, code, text) VALUES (?, ?, ?)");
  }

  void Begin() {
    if (transaction.has_value()) return;
    transaction.emplace(database);
    flush_at = absl::Now() + kFlushEvery;
  }

  void Commit() {
    if (!transaction.has_value()) return;
    transaction->commit();
    transaction.reset();
  }

  std::string path;
  SQLite::Database database;
  std::string names;
  size_t measures = 0;
  std::optional<SQLite::Transaction> transaction;
  absl::Time flush_at;
  std::unique_ptr<SQLite::Statement> add_trial;
  std::unique_ptr<SQLite::Statement> add_architecture;
  absl::flat_hash_map<ArchitectureCode, int64_t> ids;
};

TrialStore::TrialStore(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
TrialStore::TrialStore(TrialStore&&) = default;
TrialStore& TrialStore::operator=(TrialStore&&) = default;
TrialStore::~TrialStore() {
  // A destructor has nobody to tell; whoever must know calls Flush.
  if (connection_ != nullptr) Flush().IgnoreError();
}

absl::StatusOr<TrialStore> TrialStore::Create(const std::string& path, const Facts& facts,
                                              const std::vector<std::string>& measures) {
  try {
    auto made = std::make_unique<Connection>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& database = made->database;
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");
    std::string columns;
    for (const std::string& measure : measures) {
      absl::StrAppend(&columns, Column(measure), " REAL, ");
    }
    SQLite::Transaction transaction(database);
    database.exec("CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
    database.exec("CREATE TABLE architectures (id INTEGER PRIMARY KEY, code BLOB, text TEXT)");
    database.exec(absl::StrCat(
        "CREATE TABLE trials (search TEXT, number INTEGER, architecture INTEGER REFERENCES "
        "architectures, fidelity REAL, same_as INTEGER, metrics_bytes INTEGER, ",
        columns, "PRIMARY KEY (search, number)) WITHOUT ROWID"));
    SQLite::Statement add(database, "INSERT INTO study (key, value) VALUES (?, ?)");
    Facts all = facts;
    all["format"] = kFormat;
    for (const auto& [key, value] : all) {
      add.bind(1, key);
      add.bind(2, value);
      add.exec();
      add.reset();
    }
    transaction.commit();
    made->measures = measures.size();
    made->Prepare(measures);
    return TrialStore(std::move(made));
  } catch (const SQLite::Exception& error) {
    return absl::InternalError(absl::StrCat("cannot create ", path, ": ", error.what()));
  }
}

absl::StatusOr<TrialStore> TrialStore::Open(const std::string& path, const Facts& facts,
                                            const std::vector<std::string>& measures) {
  try {
    auto opened = std::make_unique<Connection>(path, SQLite::OPEN_READWRITE);
    SQLite::Database& database = opened->database;
    database.exec("PRAGMA synchronous = NORMAL");
    Facts all = facts;
    all["format"] = kFormat;
    for (const auto& [key, value] : all) {
      SQLite::Statement query(database, "SELECT value FROM study WHERE key = ?");
      query.bind(1, key);
      const std::string known = query.executeStep() ? query.getColumn(0).getString() : "";
      if (known == value) continue;
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the trials are of another search: its ", key, " is '", known,
                       "', here it is '", value, "'"));
    }
    opened->measures = measures.size();
    opened->Prepare(measures);
    SQLite::Statement codes(database, "SELECT id, code FROM architectures");
    while (codes.executeStep()) {
      const SQLite::Column code = codes.getColumn(1);
      const absl::string_view bytes(static_cast<const char*>(code.getBlob()), code.getBytes());
      opened->ids.emplace(CodeOf(bytes), codes.getColumn(0).getInt64());
    }
    return TrialStore(std::move(opened));
  } catch (const SQLite::Exception& error) {
    return absl::DataLossError(absl::StrCat("cannot go on with ", path, ": ", error.what()));
  }
}

absl::Status TrialStore::Add(absl::string_view search, const Trial& trial, int64_t metrics_bytes,
                             const std::function<std::string()>& text) {
  Connection& c = *connection_;
  try {
    c.Begin();
    const auto [id, is_new] =
        c.ids.try_emplace(trial.architecture, static_cast<int64_t>(c.ids.size()) + 1);
    if (is_new) {
      const std::string code = CodeBytes(trial.architecture);
      c.add_architecture->reset();
      c.add_architecture->bind(1, id->second);
      c.add_architecture->bindNoCopy(2, code.data(), static_cast<int>(code.size()));
      c.add_architecture->bind(3, text());
      c.add_architecture->exec();
    }
    SQLite::Statement& add = *c.add_trial;
    add.reset();
    add.bind(1, std::string(search));
    add.bind(2, trial.number);
    add.bind(3, id->second);
    add.bind(4, trial.fidelity);
    add.bind(5, trial.same_as);
    add.bind(6, metrics_bytes);
    for (size_t i = 0; i < trial.values.size(); ++i) {
      const int place = static_cast<int>(i) + 7;
      if (std::isnan(trial.values[i])) {
        add.bind(place);
      } else {
        add.bind(place, trial.values[i]);
      }
    }
    add.exec();
    if (absl::Now() >= c.flush_at) c.Commit();
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return c.Error(error);
  }
}

absl::Status TrialStore::Flush() {
  try {
    connection_->Commit();
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return connection_->Error(error);
  }
}

absl::Status TrialStore::ForEach(
    absl::string_view search,
    const std::function<absl::Status(const Trial&, int64_t metrics_bytes)>& visit) {
  Connection& c = *connection_;
  try {
    SQLite::Statement query(
        c.database, absl::StrCat("SELECT number, code, fidelity, same_as, metrics_bytes", c.names,
                                 " FROM trials JOIN architectures ON architectures.id = "
                                 "trials.architecture WHERE search = ? ORDER BY number"));
    query.bind(1, std::string(search));
    Trial trial;
    trial.values.resize(c.measures);
    while (query.executeStep()) {
      trial.number = query.getColumn(0).getInt64();
      const SQLite::Column code = query.getColumn(1);
      trial.architecture =
          CodeOf({static_cast<const char*>(code.getBlob()), static_cast<size_t>(code.getBytes())});
      trial.fidelity = query.getColumn(2).getDouble();
      trial.same_as = query.getColumn(3).getInt64();
      for (size_t i = 0; i < c.measures; ++i) {
        const SQLite::Column value = query.getColumn(static_cast<int>(i) + 5);
        trial.values[i] =
            value.isNull() ? std::numeric_limits<double>::quiet_NaN() : value.getDouble();
      }
      const absl::Status status = visit(trial, query.getColumn(4).getInt64());
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return c.Error(error);
  }
}

}  // namespace nasc
