#include "actors/store/backend/sqlite_connection.hpp"

#include "actors/store/backend/private_files.hpp"

#include <array>
#include <sstream>
#include <utility>

namespace observer {

namespace {

/// Marks the file as ours (`PRAGMA application_id`): "OBSV".
constexpr std::int64_t application_id = 0x4F425356;

/// The schema's history. A file is brought from its version (`PRAGMA
/// user_version`) to the last one step by step; steps are never changed.
constexpr std::array migrations{
  R"sql(
    CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL)
      STRICT, WITHOUT ROWID;
    CREATE TABLE rooms(id INTEGER PRIMARY KEY,
                       closed INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE events(room INTEGER, rev INTEGER, at INTEGER NOT NULL,
                        body TEXT NOT NULL,
                        PRIMARY KEY(room, rev)) STRICT, WITHOUT ROWID;
    CREATE TABLE messages(room INTEGER, seq INTEGER, rev INTEGER NOT NULL,
                          at INTEGER NOT NULL,
                          sender INTEGER NOT NULL, sender_name TEXT NOT NULL,
                          recipient INTEGER, text TEXT, data TEXT,
                          attachments INTEGER NOT NULL DEFAULT 0,
                          imitates INTEGER NOT NULL DEFAULT 0,
                          client_id TEXT, sent_at INTEGER NOT NULL,
                          PRIMARY KEY(room, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE attachments(room INTEGER, seq INTEGER, number INTEGER,
                             bytes BLOB NOT NULL,
                             PRIMARY KEY(room, seq, number))
      STRICT, WITHOUT ROWID;
    CREATE TABLE snapshots(room INTEGER PRIMARY KEY, rev INTEGER NOT NULL,
                           body TEXT NOT NULL) STRICT;
  )sql",
  R"sql(
    CREATE TABLE sessions(key BLOB PRIMARY KEY, socket_id TEXT NOT NULL)
      STRICT, WITHOUT ROWID;
    CREATE TABLE seats(id INTEGER PRIMARY KEY, session BLOB NOT NULL,
                       room INTEGER NOT NULL, user INTEGER NOT NULL,
                       since INTEGER NOT NULL, ended INTEGER,
                       UNIQUE(session, room)) STRICT;
    CREATE INDEX open_seats ON seats(room, user) WHERE ended IS NULL;
  )sql",
  R"sql(
    CREATE INDEX messages_to ON messages(room, recipient, seq);
    CREATE INDEX directs_from ON messages(room, sender, seq)
      WHERE recipient IS NOT NULL;
  )sql"};

constexpr auto latest_version = static_cast<int>(migrations.size());

/// Without the steps behind this one, which only add indexes, a file can be
/// served.
constexpr int needed_version = 2;

/// How long to wait for a lock that another process holds, in milliseconds.
constexpr int lock_timeout = 5000;

bool is_only_read(store_access access) {
  return access == store_access::look || access == store_access::accompany;
}

int open_flags(store_access access) {
  switch (access) {
    case store_access::serve:
      return SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
    case store_access::maintain:
      return SQLite::OPEN_READWRITE;
    default:
      return SQLite::OPEN_READONLY;
  }
}

/// Whether the log's index could not be made in its file.
bool lacks_index(const SQLite::Exception& error) {
  switch (error.getExtendedErrorCode()) {
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP:
      return true;
    default:
      return false;
  }
}

/// Whether there was no room for what was to be written. A limit of the size of
/// files shows as an error of writing.
bool lacks_room(const SQLite::Exception& error) {
  auto code = error.getErrorCode();
  return code == SQLITE_FULL || code == SQLITE_IOERR;
}

/// Whether the last one to close the file writes the log's content to it.
void close_with_checkpoint(SQLite::Database& database, bool on) {
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                    on ? 0 : 1, nullptr);
}

} // namespace

// -- opening ------------------------------------------------------------------

sqlite_connection::sqlite_connection(const std::filesystem::path& file,
                                     store_access access)
  : file_(file),
    access_(access),
    database_(open(file, access, log_index::shared)) {
  guarded(file_, [this] {
    try {
      inspect();
    } catch (const SQLite::Exception& error) {
      if (access_ != store_access::serve || !lacks_index(error))
        throw;
      reopen(log_index::in_memory);
      inspect();
    }
    if (is_only_read(access_))
      return;
    configure();
    if (access_ == store_access::serve)
      migrate();
  });
}

SQLite::Database sqlite_connection::open(const std::filesystem::path& file,
                                         store_access access, log_index index) {
  if (access == store_access::serve) {
    make_private_file(file); // those that SQLite makes beside it will be alike
    for (const auto* beside : {"-wal", "-shm"})
      close_to_others(file.string() + beside);
  }
  return guarded(file, [&] {
    SQLite::Database result{
      file.string(), open_flags(access) | SQLite::OPEN_NOMUTEX,
      access == store_access::accompany ? 0 : lock_timeout};
    // Closing must not touch a file that is refused: its log stays as it is.
    close_with_checkpoint(result, false);
    // Who has a file alone needs no index that others can see.
    if (index == log_index::in_memory)
      result.exec("PRAGMA locking_mode=EXCLUSIVE");
    return result;
  });
}

void sqlite_connection::reopen(log_index index) {
  statements_.clear();
  database_ = open(file_, access_, index);
  index_ = index;
}

/// Whether this is a file to work with, in so far as it matters for `access_`.
void sqlite_connection::inspect() {
  auto version = database_.execAndGet("PRAGMA user_version").getInt();
  auto owner = database_.execAndGet("PRAGMA application_id").getInt64();
  auto tables
    = database_.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
  auto fresh = version == 0 && tables == 0;
  if (fresh ? access_ != store_access::serve : owner != application_id)
    throw store_error(file_.string() + " is not a store of observerd");
  if (version > latest_version)
    throw store_error(file_.string() + " was written by a later version ("
                      + "schema " + std::to_string(version) + ", known up to "
                      + std::to_string(latest_version) + ")");
  up_to_date_ = version == latest_version;
  if (is_only_read(access_))
    return;
  if (sqlite3_db_readonly(database_.getHandle(), "main") == 1)
    throw store_error(file_.string() + " is read-only");
  if (!fresh)
    if (auto wrong = check(); !wrong.empty())
      throw store_error(file_.string() + " is damaged: " + wrong.front());
}

void sqlite_connection::configure() {
  // Without an index that others see there is nothing to write to the file.
  close_with_checkpoint(database_, index_ == log_index::shared);
  // A commit is one append to the log and one fsync of it.
  database_.exec("PRAGMA journal_mode=WAL");
  database_.exec("PRAGMA synchronous=FULL");
  // Pages, 32 MiB: what many commits write to is copied to the file once.
  database_.exec("PRAGMA wal_autocheckpoint=8000");
  database_.exec("PRAGMA cache_size=-16384"); // KiB
  database_.exec("PRAGMA temp_store=MEMORY");
}

/// Writes nothing if there is nothing to do, but has had the lock for it.
void sqlite_connection::migrate() {
  if (index_ == log_index::shared) {
    try {
      return bring_forward(latest_version);
    } catch (const SQLite::Exception& error) {
      if (!lacks_room(error))
        throw;
    }
  }
  bring_forward(needed_version);
}

void sqlite_connection::bring_forward(int target) {
  // What is sorted for an index may be more than the memory there is.
  if (!up_to_date_)
    database_.exec("PRAGMA temp_store=FILE");
  run([&] {
    auto version = database_.execAndGet("PRAGMA user_version").getInt();
    if (version >= target)
      return;
    for (auto i = version; i < target; ++i)
      database_.exec(migrations[static_cast<std::size_t>(i)]);
    database_.exec("PRAGMA application_id=" + std::to_string(application_id));
    database_.exec("PRAGMA user_version=" + std::to_string(target));
  });
  if (target == latest_version)
    up_to_date_ = true;
  database_.exec("PRAGMA temp_store=MEMORY");
}

/// Moves the index into its file, now that there may be room for it.
void sqlite_connection::share_index() {
  reopen(log_index::shared);
  try {
    configure(); // needs the index
  } catch (const SQLite::Exception&) {
    reopen(log_index::in_memory);
    throw;
  }
}

// -- working ------------------------------------------------------------------

SQLite::Statement& sqlite_connection::prepared(const char* sql) const {
  auto i = statements_.find(sql);
  if (i == statements_.end())
    i = statements_.emplace(sql, SQLite::Statement{database_, sql}).first;
  return i->second;
}

void sqlite_connection::transact(const std::function<void()>& work) {
  guarded(file_, [&] {
    if (index_ == log_index::in_memory)
      share_index();
    if (!up_to_date_)
      bring_forward(latest_version);
    run(work);
  });
}

void sqlite_connection::run(const std::function<void()>& work) {
  use {
    prepared("BEGIN IMMEDIATE")
    } -> exec();
  try {
    work();
    use {
      prepared("COMMIT")
      } -> exec();
  } catch (...) {
    // SQLite may have rolled back by itself.
    if (sqlite3_get_autocommit(database_.getHandle()) == 0)
      database_.tryExec("ROLLBACK");
    throw;
  }
}

bool sqlite_connection::is_up_to_date() const {
  if (!up_to_date_ && is_only_read(access_)) // others may have seen to it
    up_to_date_ = database_.execAndGet("PRAGMA user_version").getInt()
                  == latest_version;
  return up_to_date_;
}

std::vector<std::string> sqlite_connection::check() const {
  std::vector<std::string> result;
  SQLite::Statement lines{database_, "PRAGMA quick_check"};
  while (lines.executeStep()) {
    // One row may hold several findings, under a heading.
    std::istringstream findings{lines.getColumn(0).getString()};
    for (std::string line; std::getline(findings, line);)
      if (line != "ok" && !line.starts_with("***"))
        result.push_back(std::move(line));
  }
  return result;
}

} // namespace observer
