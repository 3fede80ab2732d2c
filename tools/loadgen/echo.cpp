#include "tools/loadgen/scenario.hpp"

namespace observer::loadgen {

namespace {

/// Requests whose ack is all that comes of them. The id of a request says which
/// of the connection's places it takes, so that acks may come in any order.
class echo final : public scenario {
public:
  explicit echo(const stage& on)
    : scenario(on, plan_for(on)),
      places_(crowd_.members().size() * on.settings.in_flight) {
  }

  void begin() override {
    running_ = true;
    for (auto& member : crowd_.members())
      if (member.is_ready())
        for (std::size_t i = 0; i < stage_.settings.in_flight; ++i)
          send(member, i);
    stage_.loop.flush();
  }

  void stop() override {
    running_ = false;
  }

  [[nodiscard]] bool is_drained() const override {
    return under_way_ == 0;
  }

  void settle() override {
    totals_.lost += under_way_;
  }

protected:
  void on_reply(connection& who, const heard_ack& ack,
                time_point now) override {
    if (ack.id < first_id)
      return on_malformed(who);
    auto number = ack.id - first_id;
    auto slot = number % stage_.settings.in_flight;
    auto& mine = place_of(who, slot);
    auto turn = number / stage_.settings.in_flight;
    if (turn != mine.turn)
      return turn < mine.turn ? void(++totals_.duplicates) : on_malformed(who);
    ++mine.turn;
    --under_way_;
    ++totals_.received;
    if (!ack.ok)
      failures_.add("the server refuses the request");
    stage_.records.unit(now, elapsed(mine.sent_at, now));
    if (running_)
      send(who, slot);
  }

private:
  struct place {
    std::uint64_t turn = 0; ///< requests that were answered
    time_point sent_at;
  };

  static constexpr std::uint64_t first_id = 16;

  static crowd::plan plan_for(const stage& on) {
    auto& x = on.settings;
    return {on.share.size(x.connections), x.members,
            std::max<std::size_t>(1, on.share.size(x.concurrency)),
            on.share.begin(x.connections)};
  }

  place& place_of(const connection& who, std::size_t slot) {
    return places_[crowd_.place_of(who) * stage_.settings.in_flight + slot];
  }

  void send(connection& who, std::size_t slot) {
    auto& mine = place_of(who, slot);
    mine.sent_at = steady::now();
    packet_.clear();
    append_event(packet_, stage_.settings.echo_event,
                 stage_.settings.echo_argument,
                 first_id + mine.turn * stage_.settings.in_flight + slot);
    ++under_way_;
    who.send(packet_);
  }

  std::vector<place> places_;
  std::string packet_;
  std::uint64_t under_way_ = 0;
  bool running_ = false;
};

} // namespace

std::unique_ptr<scenario> make_echo(const stage& on) {
  return std::make_unique<echo>(on);
}

} // namespace observer::loadgen
