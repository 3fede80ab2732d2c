#include "net/gateway/relay_port.hpp"

#include <boost/asio/post.hpp>

#include <string>
#include <utility>

namespace observer::gateway {

relay_port::relay_port(boost::asio::io_context& home,
                       std::shared_ptr<recovering_port> target)
  : home_(home),
    target_(std::move(target)),
    info_(target_->info()) {
}

template <class F>
void relay_port::hand_over(F work) {
  boost::asio::post(home_,
                    [target = target_, work = std::move(work)]() mutable {
                      work(*target);
                    });
}

void relay_port::deliver(const frame& event, urgency how) {
  hand_over([event, how](recovering_port& to) { to.deliver(event, how); });
}

void relay_port::answer(const request_tag& tag, const reply& result) {
  hand_over([tag, result](recovering_port& to) { to.answer(tag, result); });
}

void relay_port::close(std::string_view why) {
  hand_over([why = std::string{why}](recovering_port& to) { to.close(why); });
}

void relay_port::fenced() {
  hand_over([](recovering_port& to) { to.fenced(); });
}

connection_info relay_port::info() const {
  return info_;
}

void relay_port::recovered(const connection_info& earlier,
                           const session_actor& session) {
  info_.socket_id = earlier.socket_id;
  info_.recovery_id = earlier.recovery_id;
  info_.epoch = earlier.epoch;
  hand_over([earlier, session](recovering_port& to) {
    to.recovered(earlier, session);
  });
}

void relay_port::not_recovered() {
  hand_over([](recovering_port& to) { to.not_recovered(); });
}

} // namespace observer::gateway
