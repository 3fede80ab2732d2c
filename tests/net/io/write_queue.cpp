#include "net/io/write_queue.hpp"

#include <array>

#define CAF_SUITE net.io.write_queue
#include "tests/test.hpp"

using observer::io::write_queue;

namespace {

auto chunk(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// What the next write would send, with bars between the pieces.
std::string front_of(const write_queue& queue) {
  std::array<iovec, 4> room;
  std::string result;
  for (auto& piece : queue.gather(room))
    result.append(static_cast<char*>(piece.iov_base), piece.iov_len) += '|';
  return result;
}

} // namespace

CAF_TEST(pieces leave in order and are never copied) {
  write_queue queue;
  CAF_CHECK(queue.empty());
  auto shared = chunk("Hello");
  queue.push(shared);
  queue.push(chunk("World"));
  CAF_CHECK_EQUAL(queue.bytes(), 10u);
  CAF_CHECK_EQUAL(front_of(queue), "Hello|World|");
  std::array<iovec, 1> room;
  CAF_CHECK(queue.gather(room)[0].iov_base == shared->data());
}

CAF_TEST(what the socket took in part goes on where it stopped) {
  write_queue queue;
  queue.push(chunk("Hello"));
  queue.push(chunk("World"));
  queue.consume(3);
  CAF_CHECK_EQUAL(front_of(queue), "lo|World|");
  queue.consume(2);
  CAF_CHECK_EQUAL(front_of(queue), "World|");
  queue.consume(1);
  queue.push(chunk("!"));
  CAF_CHECK_EQUAL(front_of(queue), "orld|!|");
  queue.consume(5);
  CAF_CHECK(queue.empty());
  CAF_CHECK_EQUAL(queue.bytes(), 0u);
}

CAF_TEST(one write takes as many pieces and bytes as are worth it) {
  write_queue queue;
  for (int i = 0; i < 10; ++i)
    queue.push(chunk("x"));
  CAF_CHECK_EQUAL(front_of(queue), "x|x|x|x|");
  queue.clear();
  CAF_CHECK(queue.empty());
  queue.push(chunk(std::string(write_queue::max_gather_bytes, 'x')));
  queue.push(chunk("y"));
  CAF_CHECK_EQUAL(front_of(queue).size(), write_queue::max_gather_bytes + 1);
}

CAF_TEST(a queue that never runs empty does not grow) {
  write_queue queue;
  queue.push(chunk("0"));
  for (int i = 1; i < 100'000; ++i) {
    queue.push(chunk(std::to_string(i)));
    queue.consume(std::to_string(i - 1).size());
  }
  CAF_CHECK_EQUAL(front_of(queue), "99999|");
  queue.consume(5);
  CAF_CHECK(queue.empty());
}
