#pragma once

#include "tools/loadgen/checker.hpp"
#include "tools/loadgen/crowd.hpp"
#include "tools/loadgen/options.hpp"
#include "tools/loadgen/recorder.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observer::loadgen {

/// Things that must not happen, and are no fault of a single message:
/// connections that break, requests that are refused.
struct failure_log {
  std::uint64_t count = 0;
  std::vector<std::string> kinds; ///< what the first few different ones were

  void add(std::string what);
  void merge(const failure_log& other);

private:
  void remember(std::string what);
};

/// The part of the work that one thread does.
struct share {
  std::size_t index = 0;
  std::size_t of = 1;

  /// How many of `total` things this thread has.
  [[nodiscard]] std::size_t size(std::size_t total) const noexcept {
    return total / of + (index < total % of ? 1 : 0);
  }

  /// How many of them those before it have.
  [[nodiscard]] std::size_t begin(std::size_t total) const noexcept {
    return total / of * index + std::min(index, total % of);
  }
};

/// What the scenarios of a thread are given.
struct stage {
  client_loop& loop;
  recorder& records;
  const options& settings;
  loadgen::share share;
};

/// What the connections of one thread do. The calls come in the order in which
/// they stand here.
class scenario : public connection_events {
public:
  /// Called once, when everybody is in or has failed.
  std::function<void()> on_set_up;

  /// Called by scenarios that end by themselves.
  std::function<void()> on_complete;

  virtual void set_up() {
    crowd_.start();
  }

  /// The load begins, with the warm-up.
  virtual void begin() = 0;

  /// Nothing new is begun.
  virtual void stop() = 0;

  /// Nothing is under way any more.
  [[nodiscard]] virtual bool is_drained() const = 0;

  /// Counts what is missing.
  virtual void settle() = 0;

  /// Closes the rooms: that spares everybody the news of everybody's leaving.
  void close_rooms();

  /// Lets everybody go.
  void dismiss();

  /// Those that have not gone yet.
  [[nodiscard]] virtual std::size_t present();

  // -- results ----------------------------------------------------------------

  [[nodiscard]] const check_totals& totals() const noexcept {
    return totals_;
  }

  [[nodiscard]] const failure_log& failures() const noexcept {
    return failures_;
  }

  [[nodiscard]] std::size_t arrived() const noexcept {
    return crowd_.arrived();
  }

  [[nodiscard]] std::size_t expected() noexcept {
    return crowd_.members().size();
  }

  /// Members that stopped reading, and those among them that were cut off.
  [[nodiscard]] virtual std::pair<std::size_t, std::size_t> stopped() const {
    return {};
  }

  // -- connection_events ------------------------------------------------------

  void on_ready(connection& who, time_point now) override;
  void on_message(connection& who, const heard_message& message,
                  time_point now) override;
  void on_malformed(connection& who) override;
  void on_ack(connection& who, const heard_ack& ack, std::string_view packet,
              time_point now) override;
  void on_trouble(connection& who, std::string_view packet) override;
  void on_closed(connection& who, std::string_view why) override;

protected:
  scenario(const stage& on, const crowd::plan& plan);

  /// One is in; it took so many nanoseconds.
  virtual void on_in(connection&, time_point, std::uint64_t) {
  }

  /// Any ack but that of entering.
  virtual void on_reply(connection&, const heard_ack&, time_point) {
  }

  /// One that was in has gone, without our wish.
  virtual void on_lost(connection& who, std::string_view why);

  /// Lets those go who are not of the crowd.
  virtual void dismiss_others() {
  }

  stage stage_;
  crowd crowd_;
  check_totals totals_;
  failure_log failures_;

  /// We let everybody go: what happens now is no failure.
  bool dismissed_ = false;

private:
  void check_set_up();

  bool set_up_ = false;
};

[[nodiscard]] std::unique_ptr<scenario> make_scenario(const stage& on);

// Each in a file of its own.
std::unique_ptr<scenario> make_fanout(const stage& on);
std::unique_ptr<scenario> make_echo(const stage& on);
std::unique_ptr<scenario> make_connect(const stage& on);
std::unique_ptr<scenario> make_idle(const stage& on);
std::unique_ptr<scenario> make_churn(const stage& on);

} // namespace observer::loadgen
