#include "actors/runtime/loop.hpp"

#include "messages/handles.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <boost/asio/post.hpp>

#include <utility>

namespace observer::runtime {

namespace {

thread_local loop* this_loop = nullptr;

/// Actors that run in one turn before sockets get theirs again.
constexpr int actors_per_turn = 256;

/// Messages that one actor handles before others run.
constexpr std::size_t messages_per_actor = 64;

constexpr std::ptrdiff_t cache_line = 64;

/// Has an actor brought to the cache, from where thousands of others have
/// driven it out, while another one runs. Nothing is read: to prefetch what is
/// not there is no error.
void prefetch(const caf::resumable* actor) {
  const auto* where = reinterpret_cast<const char*>(actor);
  for (auto at = loop::prefetch_begin; at < loop::prefetch_end;
       at += cache_line)
    __builtin_prefetch(where + at, 1);
}

} // namespace

loop::loop(std::size_t index, std::size_t count,
           std::chrono::milliseconds busy_poll,
           std::chrono::milliseconds patience)
  : index_(index),
    busy_poll_(busy_poll),
    patience_(patience),
    context_(std::make_unique<boost::asio::io_context>(1)),
    guard_(context_->get_executor()),
    outbox_(count),
    peers_(count) {
}

loop::~loop() = default;

loop* loop::current() noexcept {
  return this_loop;
}

// -- scheduling ---------------------------------------------------------------

void loop::exec_later(caf::resumable* job) {
  if (this_loop == this) {
    ready_.push_back(job);
    schedule_turn();
  } else if (auto* from = this_loop) {
    from->outbox_[index_].push_back(job);
    from->peers_[index_] = this;
    from->schedule_turn();
  } else {
    auto* single = new node{job, nullptr};
    push_inbox(single, single);
  }
}

void loop::push_inbox(node* first, node* last) {
  auto* head = inbox_.load(std::memory_order_relaxed);
  do
    last->next = head;
  while (!inbox_.compare_exchange_weak(head, first, std::memory_order_release,
                                       std::memory_order_relaxed));
  // Whoever finds the inbox empty wakes the loop; all others ride along.
  if (head == nullptr && context_)
    boost::asio::post(*context_, [this] { turn(); });
}

void loop::take_inbox() {
  auto* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  node* oldest = nullptr;
  while (newest != nullptr) {
    auto* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    std::unique_ptr<node> owned{oldest};
    ready_.push_back(owned->job);
    oldest = owned->next;
  }
}

void loop::schedule_turn() {
  if (turn_scheduled_ || in_turn_)
    return;
  turn_scheduled_ = true;
  boost::asio::post(*context_, [this] {
    turn_scheduled_ = false;
    turn();
  });
}

void loop::turn() {
  in_turn_ = true;
  take_inbox();
  run_ready();
  hand_over();
  in_turn_ = false;
  if (!ready_.empty())
    schedule_turn();
}

void loop::run_ready() {
  for (int i = 0; i < actors_per_turn && !ready_.empty(); ++i) {
    auto* job = ready_.front();
    ready_.pop_front();
    if (ready_.size() > 1)
      prefetch(ready_[1]);
    switch (job->resume(this, messages_per_actor)) {
      case caf::resumable::resume_later:
        ready_.push_back(job);
        break;
      case caf::resumable::shutdown_execution_unit:
        break;
      default: // waits for messages, or is done
        caf::intrusive_ptr_release(job);
    }
  }
}

void loop::hand_over() {
  for (std::size_t i = 0; i < outbox_.size(); ++i) {
    auto& box = outbox_[i];
    if (box.empty())
      continue;
    node* first = nullptr;
    node* last = nullptr;
    for (auto* job : box) {
      first = new node{job, first};
      if (last == nullptr)
        last = first;
    }
    box.clear();
    peers_[i]->push_inbox(first, last);
  }
}

void loop::ping() {
  boost::asio::post(*context_,
                    [this] { pongs_.fetch_add(1, std::memory_order_release); });
}

// -- lifecycle ----------------------------------------------------------------

void loop::run() {
  this_loop = this;
  clockid_t clock = no_clock;
  if (pthread_getcpuclockid(pthread_self(), &clock) == 0)
    cpu_clock_ = clock;
  if (busy_poll_.count() == 0) {
    context_->run();
  } else {
    while (!context_->stopped()) {
      poll_busily();
      // Sleeps until there is something; who only asks whether we live is
      // nothing to be awake for.
      for (auto only_asked = true; only_asked && !context_->stopped();) {
        auto before = pongs();
        context_->run_one();
        only_asked = pongs() != before;
      }
    }
  }
  cpu_clock_ = no_clock;
  this_loop = nullptr;
}

std::chrono::nanoseconds loop::cpu_time() const noexcept {
  std::timespec time{};
  auto clock = cpu_clock_.load();
  if (clock == no_clock || clock_gettime(clock, &time) != 0)
    return {};
  return std::chrono::seconds{time.tv_sec}
         + std::chrono::nanoseconds{time.tv_nsec};
}

/// Runs what comes, until nothing has come for so long. A thread that sleeps
/// has to be woken, and where CPUs are virtual that may take milliseconds.
void loop::poll_busily() {
  auto last_work = steady_now();
  while (!context_->stopped()) {
    auto before = pongs();
    auto worked = context_->poll() > pongs() - before;
    auto now = steady_now();
    if (worked)
      last_work = now;
    else if (now - last_work >= busy_poll_)
      return;
  }
}

void loop::stop() {
  guard_.reset();
  context_->stop();
}

void loop::clear(void (*cleanup)(caf::resumable*)) {
  timers_.clear();
  // What the handlers hold may send a last message: that needs no context.
  std::exchange(context_, nullptr).reset();
  take_inbox();
  for (auto& box : outbox_)
    ready_.insert(ready_.end(), box.begin(), box.end());
  for (auto* job : ready_)
    cleanup(job);
  ready_.clear();
}

// -- implementation of clock --------------------------------------------------

timestamp loop::now() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
    std::chrono::system_clock::now());
}

monotonic loop::steady_now() const {
  return std::chrono::steady_clock::now();
}

void loop::wake_at(monotonic when, caf::actor_addr who) {
  auto timer = timers_.emplace(timers_.end(), *context_, when);
  timer->async_wait([this, timer, who](boost::system::error_code error) {
    if (error)
      return; // the timer is gone with the loop
    timers_.erase(timer);
    if (auto target = caf::actor_cast<caf::actor>(who))
      caf::anon_send(target, wake_up{});
  });
}

} // namespace observer::runtime
