#include "tests/actors/room/support.hpp"

#define CAF_SUITE actors.room.members
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

namespace {

/// Ada's room; everybody else comes from where the test says.
struct fixture : house {
  guest ada{*this};

  fixture() {
    limits.room_capacity = 20;
    ada.hosts({.name = "Ada"});
  }

  guest from(const std::string& address) {
    guest result{*this};
    result.port->who.address = address;
    return result;
  }

  join_request knock(std::string name, std::optional<std::uint32_t> pages) {
    join_request result;
    result.room = ada.room;
    result.name = std::move(name);
    result.participants = pages;
    return result;
  }

  /// Somebody comes and loses the line.
  void comes_and_goes(const std::string& name, const std::string& address) {
    auto who = from(address);
    who.joins(ada.room, name);
    who.goes(false);
  }

  std::vector<std::string> names() {
    std::vector<std::string> result;
    auto room = query<room_data_ptr>(registry_message::find_room{ada.room});
    for (auto& x : room->participants)
      result.push_back(x.name);
    return result;
  }

  bool has(const std::string& name) {
    auto all = names();
    return std::find(all.begin(), all.end(), name) != all.end();
  }

  member_page members(std::optional<user_id> after, std::uint32_t limit) {
    return std::get<member_page>(
      ada.ask(members_request{{}, after, limit}).value());
  }

  std::optional<errc> renames(std::string name) {
    configure_request request;
    request.name = std::move(name);
    return ada.refusal(std::move(request));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_members_tests, fixture)

// -- who is away --------------------------------------------------------------

CAF_TEST(an address that filled a room gives a place to who comes) {
  for (int i = 0; i < 19; ++i)
    comes_and_goes("Ghost " + std::to_string(i), "10.6.6.6");
  CAF_CHECK_EQUAL(names().size(), 20u);
  auto ben = from("10.0.0.2");
  CAF_CHECK(!ben.refusal(knock("Ben", {})));
  CAF_CHECK(!has("Ghost 0"));
  CAF_CHECK(has("Ghost 1"));
  CAF_CHECK_EQUAL(met.absent.load(), 1u);
  auto left = ada.port->heard<client_event::user_left>();
  CAF_REQUIRE(!left.empty());
  CAF_CHECK(left.back().reason == leave_reason::timeout);
}

CAF_TEST(a full room keeps those who are away in ones and twos) {
  for (int i = 0; i < 19; ++i)
    comes_and_goes("Guest " + std::to_string(i),
                   "10.0.1." + std::to_string(i / 2));
  auto ben = from("10.0.0.2");
  CAF_CHECK(ben.refusal(knock("Ben", {})) == errc::room_full);
  CAF_CHECK_EQUAL(names().size(), 20u);
}

CAF_TEST(a room that is not full keeps all who are away) {
  for (int i = 0; i < 18; ++i)
    comes_and_goes("Pupil " + std::to_string(i), "10.0.0.3");
  auto ben = from("10.0.0.2");
  CAF_CHECK(!ben.refusal(knock("Ben", {})));
  CAF_CHECK_EQUAL(names().size(), 20u);
  CAF_CHECK_EQUAL(met.absent.load(), 0u);
}

CAF_TEST(of one address no more are away than its share) {
  limits.absent_per_address = 3;
  for (int i = 0; i < 5; ++i)
    comes_and_goes("Ghost " + std::to_string(i), "10.6.6.6");
  CAF_CHECK(!has("Ghost 1"));
  CAF_CHECK(has("Ghost 2"));
  CAF_CHECK_EQUAL(names().size(), 4u);
}

CAF_TEST(nor does who was never kept) {
  limits.absent_per_address = 1;
  storage.slow = true;
  auto ghost = from("10.6.6.6");
  ghost.send(knock("Ghost", {}));
  run();
  ghost.goes(false);
  storage.full = true;
  storage.let_through();
  run();
  storage.full = false;
  comes_and_goes("Ben", "10.6.6.6");
  CAF_CHECK(has("Ben"));
  comes_and_goes("Cara", "10.6.6.6");
  CAF_CHECK(!has("Ben"));
  CAF_CHECK(has("Cara"));
}

CAF_TEST(who is back counts no more among those who are away) {
  limits.absent_per_address = 1;
  auto ben = from("10.0.0.2");
  ben.joins(ada.room, "Ben");
  ben.goes(false);
  auto again = from("10.0.0.2");
  CAF_CHECK(!again.refusal(rejoin_request{ada.room, ben.token, {}, {}}));
  comes_and_goes("Cara", "10.0.0.2");
  CAF_CHECK(has("Ben"));
  CAF_CHECK(has("Cara"));
}

// -- by pages -----------------------------------------------------------------

CAF_TEST(members come in pages in order of ids) {
  guest ben{*this};
  guest cara{*this};
  ben.joins(ada.room, "Ben");
  cara.joins(ada.room, "Cara");
  auto first = members({}, 2);
  CAF_REQUIRE_EQUAL(first.members.size(), 2u);
  CAF_CHECK(first.members.at(0).id == ada.id);
  CAF_CHECK(first.more);
  auto last = members(first.members.back().id, 2);
  CAF_REQUIRE_EQUAL(last.members.size(), 1u);
  CAF_CHECK(last.members.front().id == cara.id);
  CAF_CHECK(!last.more);
  CAF_CHECK(members(cara.id, 2).members.empty());
}

CAF_TEST(who asks for pages gets a room without all its members) {
  guest ben{*this};
  ben.joins(ada.room, "Ben");
  guest cara{*this};
  CAF_CHECK(!cara.refusal(knock("Cara", 2)));
  auto told = cara.port->heard<client_event::room_data>();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  auto& room = *told.front().room;
  CAF_CHECK_EQUAL(room.participants.size(), 2u);
  CAF_REQUIRE(room.heads.has_value());
  CAF_CHECK_EQUAL(room.heads->participants, 3u);
  CAF_CHECK_EQUAL(room.heads->online, 3u);
  guest dan{*this};
  CAF_CHECK(!dan.refusal(knock("Dan", 4)));
  CAF_CHECK(!dan.port->heard<client_event::room_data>().front().room->heads);
}

CAF_TEST(a change is told as a change and as a room to those without pages) {
  guest ben{*this};
  guest cara{*this};
  ben.joins(ada.room, "Ben");
  CAF_CHECK(!cara.refusal(knock("Cara", 1)));
  ben.port->frames.clear();
  cara.port->frames.clear();
  CAF_CHECK(!renames("Tea"));
  for (auto* who : {&ben, &cara}) {
    auto changes = who->port->heard<client_event::room_changed>();
    CAF_REQUIRE_EQUAL(changes.size(), 1u);
    CAF_CHECK(changes.front().name == "Tea");
    CAF_CHECK(!changes.front().locked);
  }
  CAF_CHECK_EQUAL(ben.port->heard<client_event::room_data>().size(), 1u);
  CAF_CHECK_EQUAL(cara.port->heard<client_event::room_data>().size(), 0u);
}

CAF_TEST(changes of a room are held to a rate) {
  limits.room_changes = {1, 2};
  CAF_CHECK(!renames("One"));
  CAF_CHECK(!renames("Two"));
  CAF_CHECK(renames("Three") == errc::rate_limited);
  CAF_CHECK_EQUAL(met.room_changes.load(), 1u);
  auto room = query<room_data_ptr>(registry_message::find_room{ada.room});
  CAF_CHECK_EQUAL(room->name, "Two");
  pass(std::chrono::seconds{1});
  CAF_CHECK(!renames("Three"));
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct recovering : house {
  static settings wanted() {
    settings result;
    result.recovery_window = std::chrono::seconds{60};
    return result;
  }

  recovering() : house(wanted()) {
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_members_recovery_tests, recovering)

CAF_TEST(who lists members by pages does so after a recovery) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  join_request request;
  request.room = ada.room;
  request.name = "Ben";
  request.participants = 1;
  CAF_CHECK(!ben.refusal(std::move(request)));
  auto heard = ben.port->position();
  auto secret = ben.port->who.recovery_id;
  caf::anon_send(ben.session, session_message::client_gone{false, 0});
  run();
  configure_request change;
  change.name = "Tea";
  CAF_CHECK(!ada.refusal(std::move(change)));
  auto again = std::make_shared<recording_port>();
  caf::anon_send(hub, hub_message::recover_client{secret, heard, again, {}});
  run();
  CAF_CHECK_EQUAL(again->heard<client_event::room_changed>().size(), 1u);
  CAF_CHECK_EQUAL(again->heard<client_event::room_data>().size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
