#include "tools/loadgen/worker.hpp"

#include <boost/asio/post.hpp>

namespace observer::loadgen {

namespace {

constexpr milliseconds look_every{10};
constexpr milliseconds room_closing{100}; // until members hear of it
constexpr milliseconds goodbye_limit{2000};

} // namespace

worker::worker(const target& where, const options& settings, share mine,
               listener tell)
  : settings_(settings),
    tell_(std::move(tell)),
    loop_(where, settings.seed + mine.index),
    scenario_(make_scenario({loop_, records_, settings_, mine})),
    timer_(loop_.io()),
    ticker_(loop_.io()),
    busy_(loop_.io().get_executor()),
    thread_([this] { run(); }) {
}

worker::~worker() {
  join();
}

void worker::run() {
  auto& io = loop_.io();
  if (settings_.busy_poll) {
    while (!io.stopped())
      io.poll();
  } else {
    io.run();
  }
}

void worker::set_up() {
  net::post(loop_.io(), [this] {
    scenario_->on_set_up = [this] {
      auto failed = scenario_->failures().count > 0;
      tell_.on_news(failed ? news::failed : news::set_up);
    };
    scenario_->on_complete = [this] { tell_.on_news(news::complete); };
    tick();
    scenario_->set_up();
    loop_.flush();
  });
}

void worker::begin(const window& measured) {
  net::post(loop_.io(), [this, measured] {
    records_.open(measured);
    scenario_->begin();
    loop_.flush();
  });
}

void worker::stop(time_point end, milliseconds limit) {
  net::post(loop_.io(), [this, end, limit] {
    records_.close(end);
    scenario_->stop();
    loop_.flush();
    drain(steady::now() + limit);
  });
}

void worker::drain(time_point deadline) {
  if (scenario_->is_drained() || steady::now() >= deadline) {
    scenario_->settle();
    tell_.on_news(news::drained);
    return;
  }
  timer_.expires_after(look_every);
  timer_.async_wait([this, deadline](error_code error) {
    if (!error)
      drain(deadline);
  });
}

void worker::dismiss() {
  net::post(loop_.io(), [this] {
    scenario_->close_rooms();
    timer_.expires_after(room_closing);
    timer_.async_wait([this](error_code) {
      scenario_->dismiss();
      await_goodbyes(steady::now() + goodbye_limit);
    });
  });
}

void worker::await_goodbyes(time_point deadline) {
  if (scenario_->present() == 0 || steady::now() >= deadline)
    return tell_.on_news(news::gone);
  timer_.expires_after(look_every);
  timer_.async_wait([this, deadline](error_code error) {
    if (!error)
      await_goodbyes(deadline);
  });
}

void worker::tick() {
  tell_.on_progress(
    {scenario_->arrived(), scenario_->expected(), records_.take_recent()});
  ticker_.expires_after(std::chrono::seconds{1});
  ticker_.async_wait([this](error_code error) {
    if (!error)
      tick();
  });
}

void worker::join() {
  if (!thread_.joinable())
    return;
  loop_.io().stop();
  thread_.join();
}

} // namespace observer::loadgen
