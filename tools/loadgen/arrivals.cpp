#include "tools/loadgen/scenario.hpp"

/// The scenarios in which nobody says anything: `connect` and `idle`.
namespace observer::loadgen {

namespace {

crowd::plan plan_for(const stage& on) {
  auto& x = on.settings;
  return {on.share.size(x.connections), x.members,
          std::max<std::size_t>(1, on.share.size(x.concurrency)),
          on.share.begin(x.connections)};
}

/// The arrival is the work: a unit is a connection, up to the ack of its room.
class connect final : public scenario {
public:
  explicit connect(const stage& on) : scenario(on, plan_for(on)) {
  }

  /// There is nothing to prepare.
  void set_up() override {
    std::exchange(on_set_up, {})();
  }

  void begin() override {
    on_set_up = on_complete;
    crowd_.start();
  }

  void stop() override {
    crowd_.halt();
  }

  [[nodiscard]] bool is_drained() const override {
    return true;
  }

  void settle() override {
    totals_.received = crowd_.arrived();
  }

protected:
  void on_in(connection&, time_point now, std::uint64_t took) override {
    stage_.records.unit(now, took);
  }
};

/// The presence is the work: a unit is one connection for one second.
class idle final : public scenario {
public:
  explicit idle(const stage& on) : scenario(on, plan_for(on)) {
  }

  void begin() override {
  }

  void stop() override {
  }

  [[nodiscard]] bool is_drained() const override {
    return true;
  }

  void settle() override {
    for (auto& member : crowd_.members())
      totals_.received += member.is_ready() ? 1 : 0;
  }
};

} // namespace

std::unique_ptr<scenario> make_connect(const stage& on) {
  return std::make_unique<connect>(on);
}

std::unique_ptr<scenario> make_idle(const stage& on) {
  return std::make_unique<idle>(on);
}

} // namespace observer::loadgen
