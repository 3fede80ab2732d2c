#include "tools/loadgen/padding.hpp"
#include "tools/loadgen/scenario.hpp"

#include <boost/asio/post.hpp>

namespace observer::loadgen {

namespace {

/// Visitors that come, enter a room, say one thing, leave, and come again. The
/// crowd are the hosts: one for each room, who stay and hear everything.
class churn final : public scenario {
public:
  explicit churn(const stage& on);

  void begin() override;

  void stop() override {
    running_ = false;
  }

  [[nodiscard]] bool is_drained() const override;
  void settle() override;
  [[nodiscard]] std::size_t present() override;

protected:
  void on_ready(connection& who, time_point now) override;
  void on_message(connection& who, const heard_message& message,
                  time_point now) override;
  void on_ack(connection& who, const heard_ack& ack, std::string_view packet,
              time_point now) override;
  void on_trouble(connection& who, std::string_view packet) override;
  void on_closed(connection& who, std::string_view why) override;
  void dismiss_others() override;

private:
  static constexpr std::uint64_t leave_ack = 1;

  struct visitor {
    std::uint32_t visits = 0; ///< messages sent: one each
    bool under_way = false;
    bool in_room = false;
    bool heard_itself = false;
    std::uint64_t last_seq = 0;
    time_point asked_at; ///< when the last step began
    sequence_checker seen_by_host;
  };

  static crowd::plan plan_for(const stage& on);
  static std::size_t rooms_of(const options& x);

  [[nodiscard]] std::size_t number_of(const connection& who) const {
    return who.index() - first_visitor_;
  }

  /// The first `size % rooms` rooms have one visitor more than the others.
  [[nodiscard]] std::size_t room_of(std::size_t visitor) const {
    return visitor % crowd_.rooms();
  }

  void step(const char* name, visitor& of, time_point now) {
    if (stage_.records.measured().contains(now))
      stage_.records.step(name, elapsed(of.asked_at, now));
    of.asked_at = steady::now();
  }

  void visit(std::size_t number);
  void on_heard_by_host(connection& host, const heard_message& message);

  std::size_t first_visitor_;
  std::deque<connection> connections_;
  std::deque<visitor> visitors_;
  std::string padding_;
  std::string packet_;
  std::size_t under_way_ = 0;
  bool running_ = false;
};

std::size_t churn::rooms_of(const options& x) {
  return std::max<std::size_t>(1, x.connections / x.members);
}

crowd::plan churn::plan_for(const stage& on) {
  auto rooms = rooms_of(on.settings);
  return {std::max<std::size_t>(1, on.share.size(rooms)), 1,
          on.settings.concurrency, on.share.begin(rooms)};
}

churn::churn(const stage& on)
  : scenario(on, plan_for(on)),
    first_visitor_(rooms_of(on.settings) + on.share.of
                   + on.share.begin(on.settings.connections)),
    visitors_(on.share.size(on.settings.connections)),
    padding_(make_padding(on.settings.bytes, on.settings.seed)) {
  for (std::size_t i = 0; i < visitors_.size(); ++i)
    connections_.emplace_back(on.loop, *this, first_visitor_ + i);
}

void churn::begin() {
  running_ = true;
  for (std::size_t i = 0; i < visitors_.size(); ++i)
    visit(i);
}

void churn::visit(std::size_t number) {
  auto& x = visitors_[number];
  x.in_room = x.heard_itself = false;
  x.under_way = true;
  x.last_seq = 0;
  x.asked_at = steady::now();
  ++under_way_;
  connections_[number].open();
}

void churn::on_ready(connection& who, time_point now) {
  if (crowd_.contains(who))
    return scenario::on_ready(who, now);
  auto number = number_of(who);
  auto& x = visitors_[number];
  step("connect", x, now);
  x.in_room = true; // the room may speak before the ack is here
  packet_.clear();
  append_event(packet_, "join",
               R"({"room_id":)"
                 + std::to_string(crowd_.room_id(room_of(number)))
                 + R"(,"name":"v)" + std::to_string(who.index()) + "\"}",
               crowd::enter_ack);
  who.send(packet_);
}

void churn::on_ack(connection& who, const heard_ack& ack,
                   std::string_view packet, time_point now) {
  if (crowd_.contains(who))
    return scenario::on_ack(who, ack, packet, now);
  auto number = number_of(who);
  auto& x = visitors_[number];
  if (!ack.ok) {
    failures_.add("refused: " + std::string{packet});
    return who.leave();
  }
  if (ack.id == crowd::enter_ack) {
    step("join", x, now);
    packet_.clear();
    stamp y{static_cast<std::uint32_t>(room_of(number)),
            static_cast<std::uint32_t>(number), x.visits++, ticks(x.asked_at)};
    append_message(packet_, crowd_.room_id(room_of(number)), y, padding_);
    who.send(packet_);
  } else if (ack.id == leave_ack) {
    step("leave", x, now);
    x.in_room = false;
    who.leave();
  } else {
    on_malformed(who);
  }
}

void churn::on_message(connection& who, const heard_message& message,
                       time_point now) {
  if (dismissed_)
    return;
  if (crowd_.contains(who))
    return on_heard_by_host(who, message);
  auto number = number_of(who);
  auto& x = visitors_[number];
  auto room_id = crowd_.room_id(room_of(number));
  if (!x.in_room || message.room_id != room_id
      || message.stamp.room != room_of(number)) {
    ++totals_.leaked;
    return;
  }
  if (message.seq != 0 && message.seq <= x.last_seq)
    ++totals_.out_of_order;
  x.last_seq = message.seq;
  if (message.stamp.sender != number)
    return; // somebody else's; the host counts them
  if (message.stamp.number + 1 != x.visits || x.heard_itself) {
    ++totals_.duplicates;
    return;
  }
  x.heard_itself = true;
  step("message", x, now);
  packet_.clear();
  append_event(packet_, "leave",
               R"({"room_id":)" + std::to_string(room_id) + "}", leave_ack);
  who.send(packet_);
}

void churn::on_heard_by_host(connection& host, const heard_message& message) {
  auto room = crowd_.place_of(host);
  auto& x = message.stamp;
  if (message.room_id != crowd_.room_id(room) || x.room != room) {
    ++totals_.leaked;
    return;
  }
  if (x.sender >= visitors_.size() || x.number >= visitors_[x.sender].visits)
    return on_malformed(host);
  visitors_[x.sender].seen_by_host.receive(x.number, totals_);
}

void churn::on_trouble(connection& who, std::string_view packet) {
  scenario::on_trouble(who, packet);
  if (!crowd_.contains(who))
    who.leave();
}

void churn::on_closed(connection& who, std::string_view why) {
  if (crowd_.contains(who))
    return scenario::on_closed(who, why);
  auto number = number_of(who);
  auto& x = visitors_[number];
  if (!std::exchange(x.under_way, false))
    return;
  --under_way_;
  if (dismissed_)
    return;
  if (!why.empty()) {
    failures_.add("visitor lost: " + std::string{why});
  } else if (x.heard_itself && !x.in_room) {
    auto now = steady::now();
    stage_.records.unit(now, elapsed(who.opened_at(), now));
  }
  // Not from within the connection, which is not done with closing yet.
  if (running_)
    net::post(stage_.loop.io(), [this, number] {
      if (running_)
        visit(number);
    });
}

bool churn::is_drained() const {
  return under_way_ == 0
         && std::all_of(visitors_.begin(), visitors_.end(), [](auto& x) {
              return x.seen_by_host.missing(x.visits) == 0;
            });
}

void churn::settle() {
  for (auto& x : visitors_)
    totals_.lost += x.seen_by_host.missing(x.visits);
}

std::size_t churn::present() {
  return scenario::present() + under_way_;
}

void churn::dismiss_others() {
  for (auto& x : connections_)
    if (!x.is_closed())
      x.leave();
}

} // namespace

std::unique_ptr<scenario> make_churn(const stage& on) {
  return std::make_unique<churn>(on);
}

} // namespace observer::loadgen
