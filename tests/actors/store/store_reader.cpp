#include "actors/store/store_reader.hpp"

#include "tests/actors/support.hpp"

#define CAF_SUITE actors.store.store_reader
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

namespace {

/// Reads what another store has, while it can.
class window final : public store {
public:
  window(const store& behind, const bool& broken)
    : behind_(behind),
      broken_(broken) {
  }

  [[nodiscard]] message_page read(const page_query& query) const override {
    if (broken_)
      throw store_error("cannot read");
    return behind_.read(query);
  }

  // What only the owner does.
  [[nodiscard]] stored_rooms index() const override {
    throw store_error("not mine");
  }

  void append(std::span<const room_append>,
              std::span<const session_change>) override {
    throw store_error("not mine");
  }

  [[nodiscard]] stored_room load(room_id) const override {
    throw store_error("not mine");
  }

  [[nodiscard]] room_past read(const past_query&) const override {
    throw store_error("not mine");
  }

  [[nodiscard]] std::vector<session_key> sessions() const override {
    throw store_error("not mine");
  }

  [[nodiscard]] stored_session_ptr
  find_session(const session_key&) const override {
    throw store_error("not mine");
  }

  bool trim(const retention&, timestamp) override {
    throw store_error("not mine");
  }

  void probe() override {
    throw store_error("not mine");
  }

  void forget(room_id) override {
    throw store_error("not mine");
  }

  [[nodiscard]] store_snapshot snapshot() const override {
    return {};
  }

private:
  const store& behind_;
  const bool& broken_;
};

struct fixture : house {
  bool closed = false; ///< the store cannot be opened
  bool broken = false; ///< it cannot be read
  int opened = 0;
  history_actor reader = system->spawn<store_reader>(
    place(),
    [this]() -> std::unique_ptr<const observer::store> {
      if (closed)
        throw store_error("cannot open");
      ++opened;
      return std::make_unique<window>(*storage.backend, broken);
    },
    store);
  guest ada{*this};

  fixture() {
    ada.hosts({.name = "Ada"});
    ada.says("hello");
  }

  std::size_t read() {
    page_query page{ada.room, {}, {}, 100, {}, {}};
    return query<message_page>(page, reader).messages.size();
  }

  reader_snapshot look() {
    return std::get<reader_snapshot>(
      query<actor_snapshot>(get_snapshot{}, reader));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_reader_tests, fixture)

CAF_TEST(the store is opened once and read beside its owner) {
  CAF_CHECK_EQUAL(look().open, false);
  CAF_CHECK_EQUAL(read(), 1u);
  ada.says("again");
  CAF_CHECK_EQUAL(read(), 2u);
  CAF_CHECK_EQUAL(opened, 1);
  CAF_CHECK_EQUAL(look().pages, 2u);
  CAF_CHECK_EQUAL(look().passed, 0u);
}

CAF_TEST(what cannot be read is left to the owner) {
  closed = true;
  CAF_CHECK_EQUAL(read(), 1u);
  closed = false;
  CAF_CHECK_EQUAL(read(), 1u);
  CAF_CHECK_EQUAL(look().passed, 1u);
  broken = true;
  CAF_CHECK_EQUAL(read(), 1u);
  broken = false;
  CAF_CHECK_EQUAL(read(), 1u);
  CAF_CHECK_EQUAL(opened, 2);
  CAF_CHECK_EQUAL(look().passed, 2u);
  CAF_CHECK_EQUAL(look().pages, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
