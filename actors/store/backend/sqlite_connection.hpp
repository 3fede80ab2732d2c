#pragma once

#include "actors/store/backend/store.hpp"

#include <sqlite3.h>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <filesystem>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace observer {

/// How a store file is opened.
enum class store_access {
  serve,     ///< made if missing, migrated, written to
  look,      ///< only read; a server may be running on it
  accompany, ///< only read, beside the connection of this process that serves;
             ///< never waits for a lock
  maintain,  ///< as it is, written to
};

/// The connection to a store file that was found sound and has the latest
/// schema.
///
/// A file that is sound is opened without a write. All that SQLite needs beside
/// it is the index of the write-ahead log, in a file of 32 KiB (`-shm`) where
/// other processes can read with us. A full disk may have no room for it:
///
/// ~~~
///   no room for it ──▶ index in memory: read by this process alone
///                             │ first transaction that finds room
///                             ▼
///                      index in its file: read, written, and read by others
/// ~~~
///
/// A file of an earlier version may lack what only makes reading faster, until
/// a transaction finds room for it.
class sqlite_connection {
public:
  /// Resets a statement at the end of its use, so that it holds no lock.
  class use {
  public:
    explicit use(SQLite::Statement& statement) : statement_(statement) {
    }

    use(const use&) = delete;
    use& operator=(const use&) = delete;

    ~use() {
      statement_.tryReset();
    }

    SQLite::Statement* operator->() const noexcept {
      return &statement_;
    }

    SQLite::Statement& operator*() const noexcept {
      return statement_;
    }

  private:
    SQLite::Statement& statement_;
  };

  /// @throws store_error the file cannot be used: damaged, read-only, locked,
  ///         of a later version, no store. It is left as it was.
  sqlite_connection(const std::filesystem::path& file, store_access access);

  /// For single statements; never to write to a file that is served.
  [[nodiscard]] SQLite::Database& database() const noexcept {
    return database_;
  }

  /// A statement that is compiled once; good until `transact` is called.
  [[nodiscard]] SQLite::Statement& prepared(const char* sql) const;

  /// Runs `work` in one transaction: all of it is durable, or nothing is.
  /// @throws store_error nothing is
  void transact(const std::function<void()>& work);

  /// Whether the file has all that makes reading fast.
  [[nodiscard]] bool is_up_to_date() const;

  /// What is wrong with the file; empty if nothing is.
  [[nodiscard]] std::vector<std::string> check() const;

private:
  enum class log_index { shared, in_memory };

  [[nodiscard]] static SQLite::Database
  open(const std::filesystem::path& file, store_access access, log_index index);
  void reopen(log_index index);
  void inspect();
  void configure();
  void migrate();
  void bring_forward(int target);
  void share_index();
  void run(const std::function<void()>& work);

  std::filesystem::path file_;
  store_access access_;
  log_index index_ = log_index::shared;
  mutable bool up_to_date_ = true;
  mutable SQLite::Database database_;
  mutable std::unordered_map<const char*, SQLite::Statement> statements_;
};

/// Does `work`, and makes a `store_error` that names the file of what SQLite
/// throws.
template <class F>
auto guarded(const std::filesystem::path& file, F work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    const auto* what = error.getErrorCode() == SQLITE_CORRUPT ? " is damaged: "
                                                              : ": ";
    throw store_error(file.string() + what + error.what());
  }
}

} // namespace observer
