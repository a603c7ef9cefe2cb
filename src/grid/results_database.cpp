#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sqlite3.h>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/quoted_name.h"
#include "grid/results.h"

namespace submask {
namespace {

constexpr int application_id = 0x7375626d;  // "subm"
constexpr int newest_version = 1;
constexpr int busy_timeout_ms = 10'000;

// Metrics and labels are JSON texts, because they are always read as a whole.
constexpr const char* schema = R"(
  CREATE TABLE cells (
    id TEXT PRIMARY KEY,
    done INTEGER NOT NULL,
    command TEXT NOT NULL,
    result TEXT NOT NULL,
    error TEXT NOT NULL,
    environment TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE epochs (
    cell TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (cell, epoch)
  ) WITHOUT ROWID;
  CREATE TABLE grid_entries (
    grid TEXT NOT NULL,
    place INTEGER NOT NULL,
    cell TEXT NOT NULL,
    labels TEXT NOT NULL,
    PRIMARY KEY (grid, place)
  ) WITHOUT ROWID;
)";

[[noreturn]] void fail_as(const SQLite::Exception& error, const std::string& path) {
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // it has other tables
      fail_corrupt("a database of results", error.what(), path);
    default:
      fail(ErrorKind::io, "cannot use the database ", path, ": ", error.what());
  }
}

// Attaches another database under the name `other` while this object lives.
class Attached {
 public:
  Attached(SQLite::Database& database, const std::string& path) : database_(database) {
    SQLite::Statement attach(database, "ATTACH ? AS other");
    SQLite::bind(attach, path);
    attach.exec();
  }
  ~Attached() { database_.tryExec("DROP TABLE IF EXISTS temp.taken; DETACH other"); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  SQLite::Database& database_;
};

void check_exists(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    fail(ErrorKind::io, "cannot open ", path.string(), ": No such file or directory");
}

std::string labels_text(const GridEntry& entry) {
  nlohmann::json labels = nlohmann::json::array();
  for (const auto& [name, value] : entry.labels) labels.push_back({name, value});
  return json_text(labels);
}

std::vector<std::pair<std::string, std::string>> labels_from(const std::string& text,
                                                             const std::string& path) {
  try {
    return nlohmann::json::parse(text).get<std::vector<std::pair<std::string, std::string>>>();
  } catch (const nlohmann::json::exception& error) {
    fail_corrupt("labels of a cell", error.what(), path);
  }
}

void check_object(const std::string& text, const char* content, const std::string& cell,
                  const std::string& path) {
  if (!nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false).is_object())
    fail_corrupt(std::string(content) + " as a JSON object", quoted_name(text),
                 "the cell " + cell.substr(0, 12) + " of " + path);
}

// The numbers of a result that two runs of one cell have alike, by their places in it.
std::map<std::string, double> numbers_of(const std::string& result) {
  const std::set<std::string> of_one_run = {"/seconds",    "/images_per_second", "/waiting_share",
                                            "/task_bytes", "/cascade_bytes",     "/weights_bytes"};
  std::map<std::string, double> numbers;
  const nlohmann::json parsed = nlohmann::json::parse(result, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return numbers;
  const nlohmann::json flat = parsed.flatten();
  for (const auto& [place, value] : flat.items())
    if (value.is_number() && !of_one_run.contains(place)) numbers[place] = value;
  return numbers;
}

// Whether two results say different numbers in the same place. One of an older build may lack some.
bool differ(const std::string& ours, const std::string& theirs) {
  const std::map<std::string, double> others = numbers_of(theirs);
  for (const auto& [place, number] : numbers_of(ours))
    if (const auto other = others.find(place); other != others.end() && other->second != number)
      return true;
  return false;
}

const std::string select_cells = "SELECT id, done, command, result, error, environment FROM cells";

CellResult cell_of_row(SQLite::Statement& row, const std::string& path) {
  CellResult cell{row.getColumn(0).getString(), row.getColumn(1).getInt() != 0,
                  row.getColumn(2).getString(), row.getColumn(3).getString(),
                  row.getColumn(4).getString(), row.getColumn(5).getString()};
  if (cell.done) check_object(cell.result, "a result", cell.id, path);
  return cell;
}

}  // namespace

struct ResultsDatabase::Connection {
  explicit Connection(const std::filesystem::path& file) : path(file.string()) {
    guarded([&](SQLite::Database& opened) {
      opened.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      prepare(opened);
    });
  }

  void prepare(SQLite::Database& opened) const {
    SQLite::Transaction transaction(opened, SQLite::TransactionBehavior::IMMEDIATE);
    const int application = opened.execAndGet("PRAGMA application_id").getInt(),
              version = opened.execAndGet("PRAGMA user_version").getInt();
    const bool empty = opened.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
    if (empty) {
      opened.exec(schema);
      opened.exec(text("PRAGMA application_id = ", application_id,
                       "; PRAGMA user_version = ", newest_version));
    } else if (application != application_id) {
      fail_corrupt("a database of results", "another SQLite database", path);
    } else if (version > newest_version) {
      fail(ErrorKind::unsupported_version, "expected results of version ", newest_version,
           " or older, got version ", version, ", in ", path);
    }
    transaction.commit();
  }

  // Opens the database at the first use, and throws Error for what SQLite throws.
  template <typename Use>
  std::invoke_result_t<Use, SQLite::Database&> guarded(const Use& use) {
    try {
      if (!database)
        database.emplace(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms);
      return use(*database);
    } catch (const SQLite::Exception& error) {
      fail_as(error, path);
    }
  }

  std::string path;
  std::optional<SQLite::Database> database;
};

ResultsDatabase::ResultsDatabase(const std::filesystem::path& path, bool create) {
  if (!create) check_exists(path);
  connection_ = std::make_unique<Connection>(path);
}

ResultsDatabase::~ResultsDatabase() = default;

void ResultsDatabase::put(const CellResult& cell, const std::vector<EpochMetrics>& epochs) {
  connection_->guarded([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database);
    SQLite::Statement insert(database, "INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?)");
    SQLite::bind(insert, cell.id, static_cast<int>(cell.done), cell.command, cell.result,
                 cell.error, cell.environment);
    insert.exec();
    SQLite::Statement forget(database, "DELETE FROM epochs WHERE cell = ?");
    SQLite::bind(forget, cell.id);
    forget.exec();
    SQLite::Statement add(database, "INSERT INTO epochs VALUES (?, ?, ?)");
    for (const EpochMetrics& entry : epochs) {
      add.reset();
      SQLite::bind(add, cell.id, entry.epoch, entry.metrics);
      add.exec();
    }
    transaction.commit();
  });
}

std::vector<CellResult> ResultsDatabase::cells_of(const std::string& grid) const {
  return connection_->guarded([&](SQLite::Database& database) {
    SQLite::Statement query(database, select_cells +
                                          " WHERE id IN (SELECT cell FROM grid_entries "
                                          "WHERE grid = ?)");
    SQLite::bind(query, grid);
    std::vector<CellResult> cells;
    while (query.executeStep()) cells.push_back(cell_of_row(query, connection_->path));
    return cells;
  });
}

std::optional<CellResult> ResultsDatabase::find(const std::string& id) const {
  return connection_->guarded([&](SQLite::Database& database) -> std::optional<CellResult> {
    SQLite::Statement query(database, select_cells + " WHERE id = ?");
    SQLite::bind(query, id);
    if (!query.executeStep()) return std::nullopt;
    return cell_of_row(query, connection_->path);
  });
}

std::vector<EpochMetrics> ResultsDatabase::epochs(const std::string& id) const {
  return connection_->guarded([&](SQLite::Database& database) {
    SQLite::Statement query(database,
                            "SELECT epoch, metrics FROM epochs WHERE cell = ? ORDER BY epoch");
    SQLite::bind(query, id);
    std::vector<EpochMetrics> epochs;
    while (query.executeStep()) {
      epochs.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getString()});
      check_object(epochs.back().metrics, "the numbers of an epoch", id, connection_->path);
    }
    return epochs;
  });
}

bool ResultsDatabase::put_grid(const std::string& title,
                               const std::vector<GridEntry>& new_entries) {
  const std::vector<GridEntry> old_entries = entries(title);
  connection_->guarded([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database);
    SQLite::Statement forget(database, "DELETE FROM grid_entries WHERE grid = ?");
    SQLite::bind(forget, title);
    forget.exec();
    SQLite::Statement add(database, "INSERT INTO grid_entries VALUES (?, ?, ?, ?)");
    int64_t index = 0;
    for (const GridEntry& entry : new_entries) {
      add.reset();
      SQLite::bind(add, title, index++, entry.cell, labels_text(entry));
      add.exec();
    }
    transaction.commit();
  });
  return !old_entries.empty() && old_entries != new_entries;
}

std::vector<std::string> ResultsDatabase::grids() const {
  return connection_->guarded([&](SQLite::Database& database) {
    SQLite::Statement query(database, "SELECT DISTINCT grid FROM grid_entries ORDER BY grid");
    std::vector<std::string> titles;
    while (query.executeStep()) titles.push_back(query.getColumn(0).getString());
    return titles;
  });
}

std::vector<GridEntry> ResultsDatabase::entries(const std::string& title) const {
  return connection_->guarded([&](SQLite::Database& database) {
    SQLite::Statement query(database,
                            "SELECT cell, labels FROM grid_entries WHERE grid = ? ORDER BY place");
    SQLite::bind(query, title);
    std::vector<GridEntry> entries;
    while (query.executeStep())
      entries.push_back({query.getColumn(0).getString(),
                         labels_from(query.getColumn(1).getString(), connection_->path)});
    return entries;
  });
}

MergedCells ResultsDatabase::merge(const std::filesystem::path& other) {
  check_exists(other);
  Connection checked(other);  // throws where this is no database of results of a known version
  return connection_->guarded([&](SQLite::Database& database) {
    const Attached attached(database, other.string());
    SQLite::Transaction transaction(database);
    MergedCells merged;
    SQLite::Statement both(database, R"(
      SELECT ours.result, theirs.result FROM main.cells AS ours JOIN other.cells AS theirs USING (id)
      WHERE ours.done AND theirs.done AND ours.result != theirs.result
    )");
    while (both.executeStep())
      merged.different += differ(both.getColumn(0).getString(), both.getColumn(1).getString());
    both.reset();
    database.exec(R"(
      CREATE TEMP TABLE taken AS
        SELECT id FROM other.cells AS theirs
        WHERE NOT EXISTS (SELECT 1 FROM main.cells AS ours WHERE ours.id = theirs.id AND ours.done >= theirs.done);
      INSERT OR REPLACE INTO main.cells SELECT * FROM other.cells WHERE id IN (SELECT id FROM taken);
      DELETE FROM main.epochs WHERE cell IN (SELECT id FROM taken);
      INSERT INTO main.epochs SELECT * FROM other.epochs WHERE cell IN (SELECT id FROM taken);
      INSERT OR REPLACE INTO main.grid_entries SELECT * FROM other.grid_entries
        WHERE grid NOT IN (SELECT grid FROM main.grid_entries);
    )");
    merged.taken = database.execAndGet("SELECT count(*) FROM taken").getInt64();
    transaction.commit();
    return merged;
  });
}

}  // namespace submask
