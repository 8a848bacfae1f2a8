#include "strategies/trial_store.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace nasc {
namespace {

constexpr int kFull = 13;  // SQLITE_FULL
constexpr char kFormat[] = "1";
constexpr char kMeasure[] = "measure_";
constexpr char kObjective[] = "objective_";
// Trials that take longer are committed each; quicker ones together.
constexpr absl::Duration kCommitEvery = absl::Milliseconds(50);

std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string Column(const std::string& measure) { return Quoted(absl::StrCat(kMeasure, measure)); }

absl::Status Damaged(const std::string& path) {
  return absl::DataLossError(absl::StrCat(path, ": the record of trials is damaged"));
}

std::string CodeBytes(const ArchitectureCode& code) {
  std::string bytes;
  for (uint64_t word : code) {
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(word >> (8 * i)));
  }
  return bytes;
}

ArchitectureCode CodeOf(const SQLite::Column& column) {
  const absl::string_view bytes(static_cast<const char*>(column.getBlob()),
                                static_cast<size_t>(column.getBytes()));
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

  // The columns of what is known of a trial, each after a comma.
  std::string Columns() const {
    std::string columns;
    for (const std::string& measure : measures) absl::StrAppend(&columns, ", ", Column(measure));
    for (int i = 1; i <= objectives; ++i) absl::StrAppend(&columns, ", ", kObjective, i);
    return columns;
  }

  // Reads what the file says of itself.
  void Describe() {
    SQLite::Statement study(database, "SELECT key, value FROM study");
    while (study.executeStep()) {
      facts[study.getColumn(0).getString()] = study.getColumn(1).getString();
    }
    SQLite::Statement columns(database, "SELECT name FROM pragma_table_info('trials')");
    while (columns.executeStep()) {
      const std::string name = columns.getColumn(0).getString();
      absl::string_view rest = name;
      if (absl::ConsumePrefix(&rest, kMeasure)) measures.emplace_back(rest);
      if (absl::StartsWith(name, kObjective)) ++objectives;
    }
  }

  void PrepareToAdd() {
    std::string places;
    for (size_t i = 0; i < measures.size() + objectives; ++i) places += ", ?";
    add_trial = std::make_unique<SQLite::Statement>(
        database, absl::StrCat("INSERT INTO trials (search, number, architecture, fidelity, "
                               "same_as, metrics_bytes",
                               Columns(), ") VALUES (?, ?, ?, ?, ?, ?", places, ")"));
    add_architecture = std::make_unique<SQLite::Statement>(
        database, "INSERT INTO architectures (id, code, text) VALUES (?, ?, ?)");
    SQLite::Statement codes(database, "SELECT id, code FROM architectures");
    while (codes.executeStep()) {
      ids.emplace(CodeOf(codes.getColumn(1)), codes.getColumn(0).getInt64());
    }
  }

  void Begin() {
    if (!transaction.has_value()) transaction.emplace(database);
  }

  void Commit() {
    if (!transaction.has_value()) return;
    transaction->commit();
    transaction.reset();
    committed = absl::Now();
  }

  std::string path;
  SQLite::Database database;
  Facts facts;
  std::vector<std::string> measures;
  int objectives = 0;
  std::optional<SQLite::Transaction> transaction;
  absl::Time committed = absl::InfinitePast();
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
                                              const std::vector<std::string>& measures,
                                              int objectives) {
  try {
    auto made = std::make_unique<Connection>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& database = made->database;
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");
    made->facts = facts;
    made->facts["format"] = kFormat;
    made->facts["measures"] = absl::StrJoin(measures, ", ");
    made->measures = measures;
    made->objectives = objectives;
    SQLite::Transaction transaction(database);
    database.exec("CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
    database.exec("CREATE TABLE architectures (id INTEGER PRIMARY KEY, code BLOB, text TEXT)");
    database.exec(absl::StrCat(
        "CREATE TABLE trials (search TEXT, number INTEGER, architecture INTEGER REFERENCES "
        "architectures, fidelity REAL, same_as INTEGER, metrics_bytes INTEGER",
        made->Columns(), ", PRIMARY KEY (search, number)) WITHOUT ROWID"));
    SQLite::Statement add(database, "INSERT INTO study (key, value) VALUES (?, ?)");
    for (const auto& [key, value] : made->facts) {
      add.bind(1, key);
      add.bind(2, value);
      add.exec();
      add.reset();
    }
    transaction.commit();
    made->PrepareToAdd();
    return TrialStore(std::move(made));
  } catch (const SQLite::Exception& error) {
    return absl::InternalError(absl::StrCat("cannot create ", path, ": ", error.what()));
  }
}

absl::StatusOr<TrialStore> TrialStore::Open(const std::string& path, const Facts& facts,
                                            const std::vector<std::string>& measures,
                                            int objectives) {
  try {
    auto opened = std::make_unique<Connection>(path, SQLite::OPEN_READWRITE);
    opened->database.exec("PRAGMA synchronous = NORMAL");
    opened->Describe();
    Facts all = facts;
    all["format"] = kFormat;
    all["measures"] = absl::StrJoin(measures, ", ");
    for (const auto& [key, value] : all) {
      if (opened->facts[key] == value) continue;
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the trials are of another search: its ", key, " is '",
                       opened->facts[key], "', here it is '", value, "'"));
    }
    if (opened->objectives != objectives) return Damaged(path);
    opened->PrepareToAdd();
    return TrialStore(std::move(opened));
  } catch (const SQLite::Exception& error) {
    return absl::DataLossError(absl::StrCat("cannot go on with ", path, ": ", error.what()));
  }
}

absl::StatusOr<TrialStore> TrialStore::OpenToRead(const std::string& path) {
  try {
    auto opened = std::make_unique<Connection>(path, SQLite::OPEN_READONLY);
    opened->Describe();
    if (opened->facts["format"] != kFormat) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the trials are kept in format '", opened->facts["format"],
                       "'; this version of nasc knows format ", kFormat));
    }
    return TrialStore(std::move(opened));
  } catch (const SQLite::Exception& error) {
    return absl::DataLossError(absl::StrCat("cannot read ", path, ": ", error.what()));
  }
}

absl::StatusOr<std::optional<int64_t>> TrialStore::MetricsBytes() {
  try {
    SQLite::Statement query(connection_->database, "SELECT max(metrics_bytes) FROM trials");
    query.executeStep();
    const SQLite::Column bytes = query.getColumn(0);
    if (bytes.isNull()) return std::optional<int64_t>();
    return std::optional<int64_t>(bytes.getInt64());
  } catch (const SQLite::Exception& error) {
    return connection_->Error(error);
  }
}

const std::vector<std::string>& TrialStore::measures() const { return connection_->measures; }
const TrialStore::Facts& TrialStore::facts() const { return connection_->facts; }
int TrialStore::objectives() const { return connection_->objectives; }

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
    int place = 7;
    for (const std::vector<double>* numbers : {&trial.values, &trial.objectives}) {
      for (double number : *numbers) {
        if (std::isnan(number)) {
          add.bind(place);
        } else {
          add.bind(place, number);
        }
        ++place;
      }
    }
    add.exec();
    if (absl::Now() >= c.committed + kCommitEvery) c.Commit();
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

absl::Status TrialStore::ForEach(absl::string_view search,
                                 const std::function<absl::Status(const Record&)>& visit) {
  Connection& c = *connection_;
  try {
    SQLite::Statement query(
        c.database,
        absl::StrCat("SELECT number, code, text, fidelity, same_as, metrics_bytes", c.Columns(),
                     " FROM trials JOIN architectures ON architectures.id = "
                     "trials.architecture WHERE search = ? ORDER BY number"));
    query.bind(1, std::string(search));
    Record record;
    Trial& trial = record.trial;
    trial.values.resize(c.measures.size());
    trial.objectives.resize(c.objectives);
    while (query.executeStep()) {
      trial.number = query.getColumn(0).getInt64();
      trial.architecture = CodeOf(query.getColumn(1));
      record.text = query.getColumn(2).getString();
      trial.fidelity = query.getColumn(3).getDouble();
      trial.same_as = query.getColumn(4).getInt64();
      record.metrics_bytes = query.getColumn(5).getInt64();
      int place = 6;
      for (std::vector<double>* numbers : {&trial.values, &trial.objectives}) {
        for (double& number : *numbers) {
          const SQLite::Column value = query.getColumn(place++);
          number = value.isNull() ? std::numeric_limits<double>::quiet_NaN() : value.getDouble();
        }
      }
      const absl::Status status = visit(record);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return c.Error(error);
  }
}

}  // namespace nasc
