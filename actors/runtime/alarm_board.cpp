#include "actors/runtime/alarm_board.hpp"

#include "actors/runtime/clock.hpp"

#include <spdlog/spdlog.h>

namespace observer::runtime {

namespace {

/// What the subject is, as the log calls it.
std::string_view subject_name(alarm_kind what) {
  return what == alarm_kind::stuck_loop ? "stuck" : "actor";
}

/// What the figure is at the beginning of an alarm.
std::string_view figure_name(alarm_kind what) {
  switch (what) {
    case alarm_kind::growing_mailbox:
      return "waiting";
    case alarm_kind::slow_client:
      return "bytes";
    default:
      return "ms";
  }
}

} // namespace

std::string_view to_string_view(alarm_kind what) {
  switch (what) {
    case alarm_kind::slow_handler:
      return "slow_handler";
    case alarm_kind::stuck_loop:
      return "stuck_loop";
    case alarm_kind::growing_mailbox:
      return "growing_mailbox";
    case alarm_kind::slow_client:
      return "slow_client";
  }
  return "";
}

alarm_board::alarm_board(std::function<void(const std::string&)> log)
  : log_(std::move(log)) {
  if (!log_)
    log_ = [](const std::string& line) { spdlog::warn("{}", line); };
}

void alarm_board::raise(alarm_kind what, std::uint64_t subject,
                        const alarm_details& details, time_point since,
                        time_point now) {
  std::lock_guard guard{mutex_};
  auto [i, is_new] = raised_.try_emplace({what, subject},
                                         state{since, details});
  i->second.details.figure = details.figure;
  if (!is_new)
    return;
  count(what, details);
  say("begin", what, subject, details, now);
}

void alarm_board::clear(alarm_kind what, std::uint64_t subject,
                        time_point now) {
  std::lock_guard guard{mutex_};
  auto i = raised_.find({what, subject});
  if (i == raised_.end())
    return;
  auto& details = i->second.details;
  details.figure = whole_milliseconds(now - i->second.since);
  say("over", what, subject, details, now);
  raised_.erase(i);
}

void alarm_board::passed(alarm_kind what, std::uint64_t subject,
                         const alarm_details& details, time_point now) {
  std::lock_guard guard{mutex_};
  if (raised_.contains({what, subject}))
    return;
  count(what, details);
  say("passed", what, subject, details, now);
}

std::vector<raised_alarm> alarm_board::raised() const {
  std::lock_guard guard{mutex_};
  std::vector<raised_alarm> result;
  for (auto& [key, x] : raised_)
    result.push_back({key.first, key.second, x.since, x.details});
  return result;
}

std::vector<alarm_count> alarm_board::counts() const {
  std::lock_guard guard{mutex_};
  std::vector<alarm_count> result;
  for (auto& [key, count] : counts_)
    result.push_back(
      {std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  return result;
}

void alarm_board::watch_mailbox(caf::actor_id who) {
  std::lock_guard guard{mutex_};
  mailboxes_.try_emplace(who, time_point::max());
}

std::vector<std::pair<caf::actor_id, alarm_board::time_point>>
alarm_board::watched_mailboxes(time_point now) {
  std::lock_guard guard{mutex_};
  for (auto& [who, since] : mailboxes_)
    since = std::min(since, now);
  return {mailboxes_.begin(), mailboxes_.end()};
}

void alarm_board::forget_mailbox(caf::actor_id who) {
  std::lock_guard guard{mutex_};
  mailboxes_.erase(who);
}

void alarm_board::count(alarm_kind what, const alarm_details& details) {
  ++counts_[{what, details.kind, details.message}];
}

void alarm_board::say(std::string_view event, alarm_kind what,
                      std::uint64_t subject, const alarm_details& details,
                      time_point now) {
  auto& told = told_[what];
  if (!told.lines.take(line_rate, now)) {
    ++told.left_out;
    return;
  }
  std::string line;
  if (what == alarm_kind::slow_client)
    line = fmt::format("alarm.{} alarm=slow_client address={} transport={}",
                       event, details.name, details.kind);
  else
    line = fmt::format(
      "alarm.{} alarm={} {}={} kind={} name={:?} loop={} message={} sender={}",
      event, to_string_view(what), subject_name(what), subject, details.kind,
      details.name, details.loop, details.message, details.sender);
  line += fmt::format(" {}={}", event == "begin" ? figure_name(what) : "ms",
                      details.figure);
  if (told.left_out > 0)
    line += fmt::format(" left_out={}", std::exchange(told.left_out, 0));
  log_(line);
}

} // namespace observer::runtime
