#include "net/transport/websocket_link.hpp"

#include "net/http/field_list.hpp"
#include "net/io/linger.hpp"
#include "net/transport/server.hpp"
#include "net/transport/websocket_handshake.hpp"
#include "net/websocket/message_reader.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace observer::transport {

namespace {

/// How long the closing handshake may take, data queued before it included.
constexpr auto closing_timeout = std::chrono::seconds{5};

/// What is there of a message counts in steps of so many bytes: most messages
/// are smaller, and cost nothing then.
constexpr std::size_t small_part = 4096;

using engineio::close_reason;
using websocket::close_code;
using websocket::opcode;

/// What the peer broke may have been a limit.
/// Why a connection ends that a message broke.
close_reason reason_of(error_code error) {
  return error == websocket::errc::message_too_big ? close_reason::oversized
                                                   : close_reason::parse_error;
}

/// ~~~
///  open ──our close──▶ closing ──the peer's──▶ ended
///    └──the peer's close, an error, or we hang up─▲
/// ~~~
///
/// Unless it broke, the connection lingers behind the end.
class link final : public websocket_link, public io::channel_user {
public:
  link(worker& host, raw_connection from, websocket_observer& observer)
    : host_(host),
      pass_(std::move(from.pass)),
      observer_(&observer),
      channel_(std::move(from.channel)),
      reader_(host.websockets().limits()),
      unread_(std::move(from.unread)) {
  }

  ~link() override {
    host_.timers().cancel(timer_);
  }

  void start(const http::request& request, header_fields headers) {
    if (auto answer = host_.websockets().answer_offers(request)) {
      headers.emplace_back("Sec-WebSocket-Extensions", *answer);
      reader_.allow_compression(host_.websockets().inflater());
      compressed_ = true;
    }
    // A browser gives up if it offered any and is told none. They mean nothing
    // here: like ws, take the first.
    if (auto first
        = http::first_token(request[http::field::sec_websocket_protocol]);
        !first.empty())
      headers.emplace_back("Sec-WebSocket-Protocol", first);
    channel_->hand_on(*this);
    auto answer
      = std::make_shared<std::string>(accept_handshake(request, headers));
    sent_before_ = channel_->sent_bytes() + answer->size();
    channel_->push(std::move(answer));
    if (unread_.empty())
      return channel_->read(true);
    received_ = unread_.size();
    resume_later();
  }

  // -- implementation of websocket_link ---------------------------------------

  void send(const engineio::outgoing_ptr& packets) override {
    if (state_ != state::open)
      return;
    auto& form = compressed_ ? host_.websockets().deflated(packets) : packets;
    channel_->push({form, &form->websocket()});
  }

  void flush_now() override {
    auto keep = self(); // the peer may turn out to be gone
    if (channel_)
      channel_->flush_now();
  }

  void close(websocket_close how) override {
    if (state_ == state::ended)
      return;
    if (how == websocket_close::now)
      return end();
    if (state_ != state::open)
      return;
    if (how == websocket_close::hang_up)
      return input_ended_ ? end_with_input() : leave(std::nullopt);
    state_ = state::closing;
    paused_ = false;
    bound_the_time();
    say_close(close_code::none);
    resume_reading(); // somebody must read the peer's close frame
  }

  void pause_reading(bool paused) override {
    if (std::exchange(paused_, paused) == paused || state_ != state::open)
      return;
    if (paused)
      channel_->read(false);
    else
      resume_later();
  }

  void set_observer(websocket_observer* next) override {
    observer_ = next;
  }

  [[nodiscard]] std::size_t queued_bytes() const override {
    return channel_ ? channel_->queued_bytes() : 0;
  }

  [[nodiscard]] traffic carried() const override {
    return {received_, channel_ ? sent_bytes() : sent_};
  }

  // -- implementation of channel_user -----------------------------------------

  void on_bytes(std::span<char> bytes) override {
    auto keep = self();
    received_ += bytes.size();
    if (unread_.empty())
      read(bytes);
    else // they were on their way when reading stopped
      unread_.append(bytes.data(), bytes.size());
  }

  void on_input_end() override {
    input_ended_ = true;
    if (unread_.empty()) // else what the peer has said counts, once it is read
      end_with_input();
  }

  void on_output_failed() override {
    end();
  }

private:
  enum class state { open, closing, ended };

  std::shared_ptr<link> self() {
    return std::static_pointer_cast<link>(shared_from_this());
  }

  [[nodiscard]] std::uint64_t sent_bytes() const {
    auto sent = channel_->sent_bytes();
    return sent > sent_before_ ? sent - sent_before_ : 0;
  }

  // -- reading ----------------------------------------------------------------

  /// Whoever wants more may be in the midst of something.
  void resume_later() {
    net::post(host_.loop().context(), [self = self()] {
      if (!self->paused_)
        self->resume_reading();
    });
  }

  /// First what came while nobody wanted it, then from the peer.
  void resume_reading() {
    if (auto unread = std::exchange(unread_, {}); !unread.empty())
      read(unread);
    if (state_ == state::ended)
      return;
    if (input_ended_ && unread_.empty())
      return end_with_input();
    if (!paused_)
      channel_->read(true);
  }

  void read(std::span<char> bytes) {
    while (state_ == state::open || state_ == state::closing) {
      if (paused_ && state_ == state::open) {
        unread_.assign(bytes.data(), bytes.size());
        return;
      }
      auto next = reader_.next(bytes);
      if (!next) {
        if (next.error() == websocket::errc::too_many_fragments)
          ++host_.parent().met().fragments;
        return leave(websocket::close_code_of(next.error()),
                     reason_of(next.error()));
      }
      if (!*next)
        return await_rest();
      if (!websocket::is_control((*next)->kind))
        began_.reset();
      take(**next);
    }
  }

  /// All that came is read. The end of a message that has begun must come in
  /// time, and what is there of it is held against the address meanwhile.
  void await_rest() {
    if (!pass_.hold(reader_.unfinished_bytes() & ~(small_part - 1)))
      return leave(close_code::policy, close_reason::unfinished);
    if (!reader_.is_inside())
      return began_.reset();
    if (began_)
      return;
    began_ = std::chrono::steady_clock::now();
    if (state_ == state::open && !message_due_)
      watch_message();
  }

  /// One timer for one message after the other: it looks whose time it is.
  void watch_message() {
    message_due_ = true;
    auto timeout = host_.options().message_timeout;
    host_.timers().set(timer_, *began_ + timeout, [this, timeout] {
      message_due_ = false;
      if (!began_ || state_ != state::open)
        return;
      auto now = std::chrono::steady_clock::now();
      if (paused_) // that the rest does not come is our doing
        began_ = now;
      if (now < *began_ + timeout)
        return watch_message();
      auto keep = self();
      ++host_.parent().met().message_time;
      leave(close_code::policy, close_reason::unfinished);
    });
  }

  void take(const websocket::message& in) {
    switch (in.kind) {
      case opcode::ping:
        if (state_ != state::open)
          break;
        say(opcode::pong, in.data);
        if (observer_ != nullptr)
          observer_->on_answered();
        break;
      case opcode::close:
        if (state_ == state::closing)
          leave(std::nullopt);
        else
          leave(websocket::code_in(in.data));
        break;
      case opcode::text:
      case opcode::binary:
        if (observer_ != nullptr && state_ == state::open)
          observer_->on_message(in.data, in.kind == opcode::binary);
        break;
      default: // a pong that nobody asked for
        break;
    }
  }

  // -- the end ----------------------------------------------------------------

  void say(opcode kind, std::string_view payload) {
    auto frame = std::make_shared<std::string>();
    websocket::append_control_frame(*frame, kind, payload);
    channel_->push(std::move(frame));
  }

  void say_close(close_code code) {
    auto frame = std::make_shared<std::string>();
    websocket::append_close_frame(*frame, code);
    channel_->push(std::move(frame));
  }

  void bound_the_time() {
    host_.timers().set(timer_,
                       std::chrono::steady_clock::now() + closing_timeout,
                       [this] { end(); });
  }

  /// Both sides have said all, the peer has broken the protocol, or we hang up.
  /// Nobody is interested in this connection any more.
  /// @param last_word our close frame, if there is one that was not said before
  void leave(std::optional<close_code> last_word,
             close_reason why = close_reason::transport_close) {
    auto keep = self();
    if (last_word && state_ == state::open)
      say_close(*last_word);
    auto due = timer_ && state_ == state::closing
                 ? timer_.due()
                 : std::chrono::steady_clock::now() + closing_timeout;
    state_ = state::ended;
    host_.timers().cancel(timer_);
    unread_ = {};
    sent_ = sent_bytes();
    io::linger(host_.loop(), std::move(channel_), due,
               std::make_shared<door::pass>(std::move(pass_)));
    if (auto* last = std::exchange(observer_, nullptr))
      last->on_closed(why);
  }

  /// A peer that says nothing more may still hear what is queued for it.
  void end_with_input() {
    auto keep = self();
    channel_->flush_now();
    end();
  }

  /// The line is broken, or nobody wants to hear our last word.
  void end() {
    auto keep = self();
    if (std::exchange(state_, state::ended) == state::ended)
      return;
    host_.timers().cancel(timer_);
    channel_->close();
    unread_ = {};
    if (auto* last = std::exchange(observer_, nullptr))
      last->on_closed(close_reason::transport_close);
  }

  worker& host_;
  door::pass pass_; ///< goes with the channel
  websocket_observer* observer_;
  std::unique_ptr<io::channel> channel_; ///< null while it lingers
  websocket::message_reader reader_;
  std::string unread_; ///< what came while reading was paused
  std::uint64_t received_ = 0;
  std::uint64_t sent_before_ = 0; ///< by the channel, with the handshake
  std::uint64_t sent_ = 0;        ///< when it began to linger
  io::timer_queue::handle timer_;
  /// When the message that is being read began.
  std::optional<std::chrono::steady_clock::time_point> began_;
  state state_ = state::open;
  bool paused_ = false;
  bool input_ended_ = false;
  bool compressed_ = false;  ///< the peer inflates
  bool message_due_ = false; ///< `timer_` is set to watch messages
};

} // namespace

websocket_link_ptr accept_websocket(worker& host, raw_connection from,
                                    const http::request& request,
                                    websocket_observer& observer,
                                    const header_fields& headers) {
  auto result = std::make_shared<link>(host, std::move(from), observer);
  result->start(request, headers);
  return result;
}

} // namespace observer::transport
