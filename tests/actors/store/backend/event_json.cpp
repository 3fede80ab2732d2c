#include "actors/store/backend/event_json.hpp"

#include "actors/domain/room_state.hpp"

#include <boost/json/serialize.hpp>

#define CAF_SUITE actors.store.backend.event_json
#include "tests/test.hpp"

using namespace observer;

namespace {

const std::string hash(64, 'a');

/// A user as the first servers stored one.
std::string stored_user(std::string_view id, std::string_view name,
                        std::string_view role) {
  return R"({"id":)" + std::string{id} + R"(,"name":")" + std::string{name}
         + R"(","role":")" + std::string{role} + R"(","joined_at":1000})";
}

std::string place(const std::string& user, std::string_view muted) {
  return R"({"user":)" + user + R"(,"token":")" + hash + R"(","muted":)"
         + std::string{muted} + R"(,"named":[]})";
}

/// A state as the first servers stored one: two names that are alike, and one
/// that nobody may take any more.
const std::string old_state
  = R"({"event":"restored","room":1000,"name":"Lobby","capacity":10,)"
    R"("locked":false,"closed":false,"created_at":1000,"last_seq":3,)"
    R"("host":100,"places":[)"
    + place(stored_user("100", "Ada", "host"), "false") + ','
    + place(stored_user("101", "ADA", "participant"), "true") + ','
    + place(stored_user("102", R"(\u200b)", "participant"), "false")
    + R"(],"banned_names":["Ben"],"banned_tokens":[]})";

domain::room_state fold(std::string_view text) {
  domain::room_state result;
  domain::apply(result, event_from_json(text));
  return result;
}

std::string written(const room_event::any& event) {
  return boost::json::serialize(to_json(event));
}

} // namespace

CAF_TEST(a state of an older server is read) {
  auto state = fold(old_state);
  CAF_REQUIRE_EQUAL(state.members.size(), 3u);
  CAF_CHECK_EQUAL(state.find(user_id{102})->user.name, "\u200B");
  CAF_CHECK(!state.find(user_id{100})->user.muted);
  CAF_CHECK(state.find(user_id{101})->user.muted);
  CAF_CHECK(state.muted_names.contains("ada"));
  CAF_CHECK_EQUAL(state.banned_names.at("ben"), "Ben");
}

CAF_TEST(an event of an older server is read and written as it was) {
  auto text = R"({"event":"joined","user":)"
              + stored_user("101", "Ben", "participant") + R"(,"token":")"
              + hash + R"("})";
  CAF_CHECK_EQUAL(written(event_from_json(text)), text);
}

CAF_TEST(who is muted is kept) {
  auto state = fold(old_state);
  state.muted_names.insert("somebody who left");
  auto again = fold(written(domain::restore_point(state)));
  CAF_CHECK(again == state);
  room_event::joined event{state.find(user_id{101})->user, {}};
  auto read = event_from_json(written(event));
  CAF_CHECK(std::get<room_event::joined>(read).user.muted);
}
