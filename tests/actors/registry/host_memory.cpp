#include "actors/registry/host_memory.hpp"

#define CAF_SUITE actors.registry.host_memory
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

namespace {

constexpr session_id first{1};
constexpr session_id second{2};
constexpr std::string_view secret = "0123456789abcdef";
constexpr monotonic start{seconds{1000}};

std::optional<token_hash>
key_of(std::string_view client_id, session_id from = first,
       std::string name = "Ada", std::optional<std::string> room = {}) {
  host_request request{.name = std::move(name), .room = std::move(room)};
  request.client_id = client_id;
  return retry_key(request, from);
}

token_hash key(unsigned char number) {
  return {number};
}

} // namespace

CAF_TEST(a request without a client_id is known by nothing) {
  CAF_CHECK(!retry_key(host_request{.name = "Ada"}, first));
}

CAF_TEST(a request of one socket is known by its client_id) {
  CAF_CHECK(key_of("c1") == key_of("c1"));
  CAF_CHECK(key_of("c1") != key_of("c2"));
  CAF_CHECK(key_of("c1") != key_of("c1", first, "Ben"));
  CAF_CHECK(key_of("c1") != key_of("c1", first, "Ada", "Lobby"));
  CAF_CHECK(key_of("c1:A", first, "da") != key_of("c1", first, "A:da"));
}

CAF_TEST(to another socket only a client_id that is a secret is the same) {
  CAF_CHECK(key_of(secret) == key_of(secret, second));
  CAF_CHECK(key_of(secret) != key_of(secret, second, "Ben"));
  CAF_CHECK(key_of(secret) != key_of(secret, second, "Ada", "Lobby"));
  auto guessed = secret.substr(1);
  CAF_CHECK(key_of(guessed) == key_of(guessed));
  CAF_CHECK(key_of(guessed) != key_of(guessed, second));
  CAF_MESSAGE("its characters count, not its bytes");
  CAF_CHECK(key_of("éééééééé") != key_of("éééééééé", second));
}

CAF_TEST(a room is remembered until its time is over) {
  host_memory memory{10};
  CAF_CHECK(memory.remember(key(1), room_id{1000}, start + seconds{1}));
  CAF_CHECK(memory.remember(key(2), room_id{1001}, start + seconds{2}));
  CAF_CHECK(memory.find(key(1), start) == room_id{1000});
  CAF_CHECK(!memory.find(key(3), start));
  CAF_CHECK(!memory.find(key(1), start + seconds{1}));
  CAF_CHECK(memory.find(key(2), start + seconds{1}) == room_id{1001});
  CAF_CHECK(!memory.find(key(2), start + seconds{2}));
  CAF_CHECK_EQUAL(memory.size(), 0u);
}

CAF_TEST(where there is no place the oldest goes) {
  host_memory memory{2};
  for (unsigned char i = 1; i <= 2; ++i)
    CAF_CHECK(memory.remember(key(i), room_id{i}, start + seconds{i}));
  CAF_CHECK(!memory.remember(key(3), room_id{3}, start + seconds{3}));
  CAF_CHECK(!memory.find(key(1), start));
  CAF_CHECK(memory.find(key(2), start) == room_id{2});
  CAF_CHECK_EQUAL(memory.size(), 2u);
}

CAF_TEST(of two rooms for one key the later counts) {
  host_memory memory{10};
  CAF_CHECK(memory.remember(key(1), room_id{1000}, start + seconds{1}));
  CAF_CHECK(memory.remember(key(1), room_id{1001}, start + seconds{2}));
  CAF_CHECK(memory.find(key(1), start) == room_id{1001});
  CAF_CHECK(memory.find(key(1), start + seconds{1}) == room_id{1001});
  CAF_CHECK(!memory.find(key(1), start + seconds{2}));
}
