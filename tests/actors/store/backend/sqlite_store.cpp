#include "actors/store/backend/sqlite_store.hpp"

#include "actors/domain/room_state.hpp"
#include "actors/store/backend/folder_lock.hpp"
#include "tests/actors/store/backend/support.hpp"
#include "tests/full_disk.hpp"

#include <SQLiteCpp/Database.h>
#include <fstream>
#include <random>
#include <sys/stat.h>

#define CAF_SUITE actors.store.backend.sqlite_store
#include "tests/test.hpp"

using namespace observer;
namespace fs = std::filesystem;

namespace {

constexpr room_id room{1000};

struct fixture {
  store_tests::temporary_folder folder;
  fs::path file = folder.path / "observer.db";

  sqlite_store open(const fs::path& path) {
    return {path, page_limits{}, store_access::serve};
  }

  sqlite_store open() {
    return open(file);
  }

  static void append(store& to, const room_events& events) {
    room_append one{room, &events};
    to.append({&one, 1}, {});
  }

  static void make_room(store& to) {
    room_event::created made;
    made.room = room;
    made.name = "Tea";
    made.host = user{user_id{100}, "Ada", role::host, presence::online, {}};
    append(to, {made});
  }

  static void post(store& to, sequence seq, std::string text = "hello") {
    auto content = std::make_shared<message>();
    content->room = room;
    content->seq = seq;
    content->from = {user_id{100}, "Ada"};
    content->text = std::move(text);
    append(to, {room_event::posted{content, "c" + std::to_string(seq)}});
  }

  static std::vector<sequence> all_seqs(const store& from) {
    std::vector<sequence> result;
    page_query query{room, 0, {}, 1'000'000, {}, {}};
    for (auto& x : from.read(query).messages)
      result.push_back(x->seq);
    return result;
  }

  /// Why a file is refused; its bytes must be as they were.
  std::string refusal(const fs::path& path) {
    auto before = bytes_of(path);
    std::string result;
    try {
      open(path);
    } catch (const store_error& error) {
      result = error.what();
    }
    CAF_CHECK(!result.empty());
    CAF_CHECK(result.find('\n') == std::string::npos);
    CAF_CHECK(bytes_of(path) == before);
    return result;
  }

  /// As the version before the indexes left it, with two messages.
  void make_version_2() {
    {
      auto store = open();
      make_room(store);
      post(store, 1);
      post(store, 2);
    }
    SQLite::Database raw{file.string(), SQLite::OPEN_READWRITE};
    raw.exec("DROP INDEX messages_to; DROP INDEX directs_from; "
             "PRAGMA user_version=2; PRAGMA wal_checkpoint(TRUNCATE)");
  }

  [[nodiscard]] int schema() const {
    SQLite::Database raw{file.string(), SQLite::OPEN_READONLY};
    return raw.execAndGet("PRAGMA user_version").getInt();
  }

  /// How long it takes to read the newest message that `reader` may see: the
  /// best of a few tries.
  static auto time_to_read(const store& from, std::optional<user_id> reader) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {
      auto began = std::chrono::steady_clock::now();
      auto page = from.read(page_query{room, {}, {}, 1, reader, {}});
      best = std::min(best, std::chrono::steady_clock::now() - began);
      CAF_REQUIRE_EQUAL(page.messages.size(), 1u);
      CAF_REQUIRE_EQUAL(page.messages.front()->seq, 1u);
    }
    return best;
  }

  static std::string bytes_of(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  static void write(const fs::path& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
  }
};

template <class F>
bool is_refused(F work) {
  try {
    work();
    return false;
  } catch (const store_error&) {
    return true;
  }
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_store_tests, fixture)

CAF_TEST(a batch is kept whole or not at all) {
  auto store = open();
  make_room(store);
  post(store, 1);
  // The second of these cannot be kept: its number is taken.
  auto content = std::make_shared<message>();
  content->room = room;
  content->seq = 2;
  auto again = std::make_shared<message>(*content);
  again->seq = 1;
  room_events good{room_event::posted{content, ""}};
  room_events bad{room_event::posted{again, ""}};
  std::vector<room_append> batch{{room, &good}, {room, &bad}};
  auto refused = false;
  try {
    store.append(batch, {});
  } catch (const store_error&) {
    refused = true;
  }
  CAF_CHECK(refused);
  CAF_CHECK(all_seqs(store) == std::vector<sequence>{1});
  CAF_MESSAGE("and the store goes on");
  post(store, 2);
  CAF_CHECK(all_seqs(store) == (std::vector<sequence>{1, 2}));
  auto history = store.history(room);
  CAF_CHECK_EQUAL(history.back().rev, 3u);
}

CAF_TEST(a restore point makes loading short and changes nothing) {
  auto store = open();
  make_room(store);
  domain::room_state state;
  for (auto& event : store.load(room).events)
    domain::apply(state, event);
  for (sequence i = 1; i <= 5; ++i)
    post(store, i);
  for (auto& event : store.load(room).events)
    domain::apply(state, event);
  append(store, {domain::restore_point(state)});
  post(store, 6);
  auto [events, last] = store.load(room);
  CAF_CHECK_EQUAL(last, 7u);
  CAF_REQUIRE_EQUAL(events.size(), 2u);
  CAF_CHECK(std::holds_alternative<room_event::restored>(events[0]));
  domain::room_state from_point;
  for (auto& event : events)
    domain::apply(from_point, event);
  domain::room_state from_all;
  for (auto& x : store.history(room))
    domain::apply(from_all, x.event);
  CAF_CHECK(from_point == from_all);
  CAF_CHECK_EQUAL(from_all.last_seq, 6u);
}

CAF_TEST(a log cut at any byte loses only its tail) {
  std::vector<std::uintmax_t> sizes; // of the log, after each commit
  fs::path log = file.string() + "-wal";
  store_tests::temporary_folder crashed;
  constexpr sequence count = 40;
  {
    auto store = open();
    make_room(store);
    for (sequence i = 1; i <= count; ++i) {
      post(store, i, std::string(i * 10, 'x'));
      sizes.push_back(fs::file_size(log));
    }
    fs::copy(file, crashed.path / "observer.db");
    fs::copy(log, crashed.path / "observer.db-wal");
  }
  auto database = bytes_of(crashed.path / "observer.db");
  auto whole = bytes_of(crashed.path / "observer.db-wal");
  std::mt19937 chance{1};
  std::uniform_int_distribution<std::size_t> anywhere{0, whole.size()};
  for (int i = 0; i < 60; ++i) {
    auto cut = anywhere(chance);
    store_tests::temporary_folder again;
    write(again.path / "observer.db", database);
    write(again.path / "observer.db-wal", whole.substr(0, cut));
    auto whole_commits = static_cast<std::size_t>(std::count_if(
      sizes.begin(), sizes.end(), [&](auto size) { return size <= cut; }));
    if (whole_commits == 0)
      continue; // not even the room is there
    auto store = open(again.path / "observer.db");
    auto kept = all_seqs(store);
    CAF_REQUIRE_EQUAL(kept.size(), whole_commits);
    CAF_CHECK_EQUAL(kept.back(), whole_commits);
    post(store, whole_commits + 1);
  }
}

CAF_TEST(a file that is no store of ours is refused and left alone) {
  write(file, "this is some text that a user has put here, not a database");
  CAF_CHECK(contains(refusal(file), "not a database"));
  {
    SQLite::Database other{(folder.path / "other.db").string(),
                           SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    other.exec("CREATE TABLE birds(name TEXT)");
  }
  CAF_CHECK(contains(refusal(folder.path / "other.db"), "not a store"));
}

CAF_TEST(a store of a later version is refused and left alone) {
  { make_room(*std::make_unique<sqlite_store>(open())); }
  {
    SQLite::Database raw{file.string(), SQLite::OPEN_READWRITE};
    raw.exec("PRAGMA user_version=99");
    raw.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  CAF_CHECK(contains(refusal(file), "later version"));
}

CAF_TEST(a store of version 1 is brought forward) {
  // As the first version left it.
  {
    SQLite::Database raw{file.string(),
                         SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    raw.exec(R"sql(
      PRAGMA journal_mode=WAL;
      PRAGMA application_id=1329746774;
      PRAGMA user_version=1;
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
      INSERT INTO rooms(id) VALUES(1000);
      INSERT INTO meta VALUES('last_user', 100);
      INSERT INTO events VALUES(1000, 1, 0, '{"event":"created","room":1000,)sql"
             R"sql("name":"Tea","capacity":9,"host":{"id":100,"name":"Ada",)sql"
             R"sql("role":"host","joined_at":0},"token":")sql"
             + std::string(64, 'a') + R"sql(","at":0}');
      INSERT INTO messages(room, seq, rev, at, sender, sender_name, text, sent_at)
        VALUES(1000, 1, 2, 0, 100, 'Ada', 'hello', 0);
    )sql");
  }
  auto store = open();
  CAF_CHECK_EQUAL(store.figures().schema, 3);
  CAF_CHECK(all_seqs(store) == std::vector<sequence>{1});
  post(store, 2);
  session_change keep = store_message::keep_session{session_key{7}, "socket"};
  store.append({}, {&keep, 1});
  append(store, {room_event::seated{user_id{100}, session_key{7}}});
  auto kept = store.find_session(session_key{7});
  CAF_CHECK_EQUAL(kept->seats.front().since, 4u);
  CAF_CHECK_EQUAL(store.read(past_query{room, 1, 4, 10'000}).events->size(),
                  3u);
}

CAF_TEST(a full disk puts off what only makes reading faster) {
  make_version_2();
  auto full = std::make_unique<full_disk>(100);
  auto store = std::make_unique<sqlite_store>(open());
  CAF_CHECK(all_seqs(*store) == (std::vector<sequence>{1, 2}));
  CAF_CHECK(is_refused([&] { store->probe(); }));
  full.reset();
  CAF_CHECK_EQUAL(schema(), 2);
  CAF_MESSAGE("with room it is made up for, and others see that it is");
  sqlite_store reader{file, {}, store_access::accompany};
  CAF_CHECK(all_seqs(reader) == (std::vector<sequence>{1, 2}));
  store->probe();
  CAF_CHECK_EQUAL(schema(), 3);
  post(*store, 3);
  CAF_CHECK(all_seqs(*store) == (std::vector<sequence>{1, 2, 3}));
  CAF_CHECK(all_seqs(reader) == (std::vector<sequence>{1, 2, 3}));
}

CAF_TEST(messages of others to each other cost a reader no time) {
  auto store = open();
  make_room(store);
  post(store, 1);
  auto before = time_to_read(store, user_id{100});
  {
    SQLite::Database raw{file.string(), SQLite::OPEN_READWRITE};
    raw.exec("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL "
             "SELECT i+1 FROM n WHERE i<200000) "
             "INSERT INTO messages(room, seq, rev, at, sender, sender_name, "
             "recipient, text, sent_at) "
             "SELECT 1000, i, i, 0, 101, 'Ben', 102, 'psst', 0 FROM n");
  }
  // Looking at all of them takes some hundred times as long.
  auto enough = 20 * before + std::chrono::milliseconds{1};
  CAF_CHECK(time_to_read(store, {}) < enough);
  CAF_CHECK(time_to_read(store, user_id{100}) < enough);
}

CAF_TEST(who reads beside a writer does not wait for it) {
  auto store = open();
  make_room(store);
  sqlite_store reader{file, {}, store_access::accompany};
  post(store, 1);
  SQLite::Database writer{file.string(), SQLite::OPEN_READWRITE};
  writer.exec("BEGIN IMMEDIATE; UPDATE messages SET text='other'");
  CAF_CHECK(all_seqs(reader) == std::vector<sequence>{1});
  CAF_CHECK(is_refused([&] { reader.probe(); }));
}

CAF_TEST(only the owner can look at what is stored) {
  auto before = ::umask(0);
  {
    auto store = open();
    make_room(store);
    for (auto* name : {"observer.db", "observer.db-wal", "observer.db-shm"})
      CAF_CHECK(fs::status(folder.path / name).permissions()
                == (fs::perms::owner_read | fs::perms::owner_write));
    store.back_up(folder.path / "copy.db");
    CAF_CHECK(fs::status(folder.path / "copy.db").permissions()
              == (fs::perms::owner_read | fs::perms::owner_write));
    for (auto* name : {"observer.db", "observer.db-wal", "observer.db-shm"})
      fs::permissions(folder.path / name, fs::perms{0644});
  }
  CAF_MESSAGE("what an earlier version has left is closed to others");
  fs::permissions(file, fs::perms{0644});
  auto store = open();
  for (auto* name : {"observer.db", "observer.db-wal", "observer.db-shm"})
    CAF_CHECK(fs::status(folder.path / name).permissions()
              == (fs::perms::owner_read | fs::perms::owner_write));
  ::umask(before);
}

CAF_TEST(a damaged store is refused and left alone) {
  {
    auto store = open();
    make_room(store);
    for (sequence i = 1; i <= 200; ++i)
      post(store, i, std::string(300, 'x'));
  }
  auto good = bytes_of(file);
  CAF_MESSAGE("cut off");
  write(file, good.substr(0, good.size() - 5000));
  CAF_CHECK(contains(refusal(file), "damaged"));
  CAF_MESSAGE("a page of noise in the middle");
  auto bad = good;
  std::fill_n(bad.begin() + 4096 * 9, 4096, '\x5A');
  write(file, bad);
  CAF_CHECK(contains(refusal(file), "damaged"));
  CAF_MESSAGE("as it was, it is served");
  write(file, good);
  auto store = open();
  CAF_CHECK_EQUAL(all_seqs(store).size(), 200u);
}

CAF_TEST(a folder has one owner) {
  auto held = std::make_unique<folder_lock>(folder.path / "data");
  // The lock is the process's, so ask from another one.
  auto ask = [&] {
    auto command = "flock --version >/dev/null; python3 -c \"import fcntl,sys\n"
                   "f=open('"
                   + (folder.path / "data/observer.lock").string()
                   + "','a')\n"
                     "try: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
                     "except OSError: sys.exit(7)\"";
    return WEXITSTATUS(std::system(command.c_str()));
  };
  CAF_CHECK_EQUAL(ask(), 7);
  held.reset();
  CAF_CHECK_EQUAL(ask(), 0);
}

CAF_TEST(a full disk has no room for the index of the log either) {
  store_tests::temporary_folder crashed;
  auto copy = crashed.path / "observer.db";
  {
    auto store = open();
    make_room(store);
    post(store, 1);
    fs::copy(file, copy);
    fs::copy(file.string() + "-wal", copy.string() + "-wal");
  }
  auto full = std::make_unique<full_disk>(100);
  auto store = open(copy);
  CAF_CHECK(all_seqs(store) == std::vector<sequence>{1});
  CAF_CHECK(is_refused([&] { post(store, 2); }));
  CAF_CHECK(is_refused([&] { store.probe(); }));
  CAF_CHECK(all_seqs(store) == std::vector<sequence>{1});
  full.reset();
  CAF_MESSAGE("with room it goes on, and others may look as well");
  post(store, 2);
  sqlite_store visitor{copy, {}, store_access::look};
  CAF_CHECK(all_seqs(visitor) == (std::vector<sequence>{1, 2}));
}

CAF_TEST(a store that ended in order is opened on a full disk) {
  {
    auto store = open();
    make_room(store);
    post(store, 1);
  }
  full_disk full{100};
  auto store = open();
  CAF_CHECK(all_seqs(store) == std::vector<sequence>{1});
  CAF_CHECK(is_refused([&] { store.probe(); }));
}

CAF_TEST(opening writes nothing where there is nothing to migrate) {
  {
    auto store = open();
    make_room(store);
  }
  {
    auto store = open();
    CAF_CHECK_EQUAL(fs::file_size(file.string() + "-wal"), 0u);
  }
}

CAF_TEST(a store that another process writes to is refused) {
  { make_room(*std::make_unique<sqlite_store>(open())); }
  SQLite::Database other{file.string(), SQLite::OPEN_READWRITE};
  other.exec("BEGIN IMMEDIATE");
  CAF_CHECK(contains(refusal(file), "locked"));
}

CAF_TEST(a copy is made while the store is written to) {
  auto store = open();
  make_room(store);
  post(store, 1);
  sqlite_store visitor{file, {}, store_access::look};
  visitor.back_up(folder.path / "copy.db");
  post(store, 2);
  auto copy = open(folder.path / "copy.db");
  CAF_CHECK(all_seqs(copy) == std::vector<sequence>{1});
  CAF_CHECK(visitor.check().empty());
  CAF_CHECK_EQUAL(visitor.figures().messages, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
