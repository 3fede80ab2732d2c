#include "net/io/linger.hpp"

#include "tests/net/io/support.hpp"

#define CAF_SUITE net.io.linger
#include "tests/test.hpp"

using namespace observer::io;
using namespace std::chrono_literals;

namespace {

/// A connection that is to be ended, with a last word in its queue.
struct fixture {
  void start(std::chrono::milliseconds patience = 1h) {
    loop.open(with);
    loop.who->speaker->push(std::make_shared<std::string>("bye"));
    auto kept = std::make_shared<int>();
    ticket = kept;
    observer::io::linger(loop.host, std::move(loop.who->speaker),
                         std::chrono::steady_clock::now() + patience,
                         std::move(kept));
    loop.who = std::make_shared<test_user>(); // it has nothing to do with it
    loop.run();
  }

  ~fixture() {
    ::close(with.ends[1]);
  }

  loop_by_hand loop{backend::epoll};
  line with;
  std::weak_ptr<int> ticket;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(linger_tests, fixture)

CAF_TEST(the last word leaves before our side ends and ours before theirs) {
  start();
  CAF_CHECK_EQUAL(with.hear(), "bye");
  CAF_CHECK(with.is_over());
  CAF_CHECK(!with.is_closed());
  with.say("what nobody hears");
  loop.run();
  CAF_CHECK(!ticket.expired());
  ::shutdown(with.ends[1], SHUT_WR);
  loop.run();
  CAF_CHECK(ticket.expired());
}

CAF_TEST(who does not end its side in time is not waited for) {
  start(0ms);
  loop.context.restart();
  loop.context.run_for(100ms);
  CAF_CHECK(ticket.expired());
  CAF_CHECK(with.is_closed());
}

CAF_TEST(who goes on and on is not waited for) {
  start();
  std::string much(64 * 1024, 'x');
  for (int i = 0; i < 2000 && !ticket.expired(); ++i) {
    (void) ::send(with.ends[1], much.data(), much.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
    loop.run();
  }
  CAF_CHECK(ticket.expired());
}

CAF_TEST_FIXTURE_SCOPE_END()
