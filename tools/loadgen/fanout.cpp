#include "tools/loadgen/padding.hpp"
#include "tools/loadgen/scenario.hpp"

#include <boost/asio/steady_timer.hpp>

#include <numeric>

namespace observer::loadgen {

namespace {

/// Messages to rooms. In the closed loop, a sender has some messages under way,
/// and sends the next when it hears its own (with --acks: and the ack). In the
/// open loop, messages leave at a given rate, whatever comes of them, and are
/// timed from when they should have left: a server that is late is not spared
/// the messages that it made wait.
class fanout final : public scenario {
public:
  explicit fanout(const stage& on);

  void begin() override;
  void stop() override;
  [[nodiscard]] bool is_drained() const override;
  void settle() override;

  [[nodiscard]] std::pair<std::size_t, std::size_t> stopped() const override {
    return {stopped_, cut_off_};
  }

protected:
  void on_message(connection& who, const heard_message& message,
                  time_point now) override;
  void on_reply(connection& who, const heard_ack& ack, time_point now) override;
  void on_lost(connection& who, std::string_view why) override;

private:
  struct sender {
    std::uint32_t sent = 0;
    std::uint32_t heard = 0; ///< of its own
    std::uint32_t acked = 0;
    std::uint32_t in_flight = 0; ///< at most
  };

  struct receiver {
    std::vector<sequence_checker> from; ///< one for each sender
    std::uint64_t last_seq = 0;
    bool stops = false; ///< reads nothing while it is measured
    bool lost = false;
  };

  static constexpr std::uint64_t first_ack = 16;

  [[nodiscard]] std::size_t room_of(std::size_t place) const {
    return place / stage_.settings.members;
  }

  [[nodiscard]] sender& sender_at(std::size_t room, std::size_t member) {
    return senders_[room * senders_per_room_ + member];
  }

  void send(std::size_t room, std::size_t member, time_point meant);
  void fill(std::size_t room, std::size_t member);
  void send_due();
  void choose_stopped();

  std::size_t rooms_;
  std::size_t senders_per_room_;
  std::vector<sender> senders_;
  std::vector<receiver> receivers_;
  std::string padding_;
  std::string packet_;
  bool running_ = false;
  std::size_t stopped_ = 0;
  std::size_t cut_off_ = 0;

  // The open loop.
  net::steady_timer timer_;
  time_point start_;
  double interval_ns_ = 0;
  std::uint64_t turn_ = 0;
};

crowd::plan plan_for(const stage& on) {
  auto& x = on.settings;
  return {on.share.size(x.rooms) * x.members, x.members,
          std::max<std::size_t>(1, on.share.size(x.concurrency)),
          on.share.begin(x.rooms) * x.members};
}

fanout::fanout(const stage& on)
  : scenario(on, plan_for(on)),
    rooms_(on.share.size(on.settings.rooms)),
    senders_per_room_(on.settings.senders),
    senders_(rooms_ * senders_per_room_),
    receivers_(rooms_ * on.settings.members),
    padding_(make_padding(on.settings.bytes, on.settings.seed)),
    timer_(on.loop.io()) {
  for (auto& x : receivers_)
    x.from.resize(senders_per_room_);
  for (std::size_t i = 0; i < senders_.size(); ++i) {
    // The messages in flight of a room, spread over its senders.
    share mine{i % senders_per_room_, senders_per_room_};
    senders_[i].in_flight
      = static_cast<std::uint32_t>(mine.size(on.settings.in_flight));
  }
  if (on.settings.rate > 0)
    interval_ns_ = 1e9 * static_cast<double>(on.settings.rooms)
                   / (on.settings.rate * static_cast<double>(rooms_));
  choose_stopped();
}

void fanout::choose_stopped() {
  auto members = stage_.settings.members;
  std::vector<std::size_t> readers(members - senders_per_room_);
  for (std::size_t room = 0; room < rooms_; ++room) {
    std::iota(readers.begin(), readers.end(), senders_per_room_);
    std::shuffle(readers.begin(), readers.end(), stage_.loop.random());
    for (std::size_t i = 0; i < stage_.settings.stopped; ++i) {
      auto place = room * members + readers[i];
      receivers_[place].stops = true;
      crowd_.members()[place].use_small_window();
      ++stopped_;
    }
  }
}

void fanout::begin() {
  running_ = true;
  for (std::size_t i = 0; i < receivers_.size(); ++i)
    if (receivers_[i].stops)
      crowd_.members()[i].stop_reading();
  start_ = steady::now();
  if (interval_ns_ > 0)
    return send_due();
  for (std::size_t room = 0; room < rooms_; ++room)
    for (std::size_t member = 0; member < senders_per_room_; ++member)
      fill(room, member);
  stage_.loop.flush();
}

void fanout::stop() {
  running_ = false;
  timer_.cancel();
  for (std::size_t i = 0; i < receivers_.size(); ++i)
    if (receivers_[i].stops)
      crowd_.members()[i].resume_reading();
}

void fanout::send(std::size_t room, std::size_t member, time_point meant) {
  auto& from = sender_at(room, member);
  auto& who = crowd_.members()[room * stage_.settings.members + member];
  stamp x{static_cast<std::uint32_t>(stage_.share.begin(stage_.settings.rooms)
                                     + room),
          static_cast<std::uint32_t>(member), from.sent, ticks(meant)};
  std::optional<std::uint64_t> ack;
  if (stage_.settings.acks)
    ack = first_ack + from.sent;
  packet_.clear();
  append_message(packet_, crowd_.room_id(room), x, padding_, ack);
  ++from.sent;
  who.send(packet_);
}

/// The closed loop: as many messages under way as there should be.
void fanout::fill(std::size_t room, std::size_t member) {
  auto& from = sender_at(room, member);
  auto done = stage_.settings.acks ? std::min(from.heard, from.acked)
                                   : from.heard;
  while (running_ && from.sent < done + from.in_flight)
    send(room, member, steady::now());
}

/// The open loop: whatever should have been sent by now.
void fanout::send_due() {
  auto due = [this] {
    return start_
           + nanoseconds{static_cast<std::int64_t>(static_cast<double>(turn_)
                                                   * interval_ns_)};
  };
  for (auto now = steady::now(); due() <= now; ++turn_) {
    auto room = turn_ % rooms_;
    auto member = turn_ / rooms_ % senders_per_room_;
    if (crowd_.members()[room * stage_.settings.members + member].is_ready())
      send(room, member, due());
  }
  stage_.loop.flush();
  timer_.expires_at(due());
  timer_.async_wait([this](error_code error) {
    if (!error && running_)
      send_due();
  });
}

void fanout::on_message(connection& who, const heard_message& message,
                        time_point now) {
  if (dismissed_)
    return;
  auto place = crowd_.place_of(who);
  auto room = room_of(place);
  auto member = place % stage_.settings.members;
  auto& x = message.stamp;
  if (message.room_id != crowd_.room_id(room)
      || x.room != stage_.share.begin(stage_.settings.rooms) + room) {
    ++totals_.leaked;
    return;
  }
  auto& mine = receivers_[place];
  if (x.sender >= senders_per_room_
      || x.number >= sender_at(room, x.sender).sent)
    return on_malformed(who);
  mine.from[x.sender].receive(x.number, totals_);
  if (message.seq != 0 && message.seq <= mine.last_seq)
    ++totals_.out_of_order;
  mine.last_seq = message.seq;
  if (mine.stops)
    return;
  stage_.records.unit(now, elapsed(time_point{nanoseconds{x.sent}}, now));
  if (x.sender == member) {
    ++sender_at(room, member).heard;
    if (interval_ns_ == 0)
      fill(room, member);
  }
}

void fanout::on_reply(connection& who, const heard_ack& ack, time_point) {
  auto place = crowd_.place_of(who);
  auto room = room_of(place);
  auto member = place % stage_.settings.members;
  if (!ack.ok)
    return failures_.add("a message was refused");
  if (member >= senders_per_room_ || !stage_.settings.acks)
    return on_malformed(who);
  ++sender_at(room, member).acked;
  if (interval_ns_ == 0)
    fill(room, member);
}

void fanout::on_lost(connection& who, std::string_view why) {
  auto& mine = receivers_[crowd_.place_of(who)];
  mine.lost = true;
  if (mine.stops)
    ++cut_off_;
  else
    scenario::on_lost(who, why);
}

bool fanout::is_drained() const {
  // Stopped readers have been woken, and hear either all, or that they were
  // cut off.
  return std::all_of(receivers_.begin(), receivers_.end(), [&](auto& x) {
    if (x.lost)
      return true;
    auto room = room_of(static_cast<std::size_t>(&x - receivers_.data()));
    for (std::size_t i = 0; i < senders_per_room_; ++i)
      if (x.from[i].missing(senders_[room * senders_per_room_ + i].sent) > 0)
        return false;
    return true;
  });
}

void fanout::settle() {
  for (std::size_t place = 0; place < receivers_.size(); ++place) {
    auto& x = receivers_[place];
    if (x.stops && x.lost)
      continue; // was cut off, and is told so
    for (std::size_t i = 0; i < senders_per_room_; ++i)
      totals_.lost += x.from[i].missing(sender_at(room_of(place), i).sent);
  }
}

} // namespace

std::unique_ptr<scenario> make_fanout(const stage& on) {
  return std::make_unique<fanout>(on);
}

} // namespace observer::loadgen
