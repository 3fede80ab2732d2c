#pragma once

#include "net/io/net.hpp"
#include "net/io/write_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace observer::io {

class loop;

/// Who speaks through a channel, and owns it. Kept alive while the kernel is at
/// work for it.
class channel_user : public std::enable_shared_from_this<channel_user> {
public:
  virtual ~channel_user() = default;

  /// Bytes came; valid, and free to be changed, during the call.
  virtual void on_bytes(std::span<char> bytes) = 0;

  /// The peer says nothing more, or the connection broke. The last call of the
  /// reading side.
  virtual void on_input_end() = 0;

  /// Nothing can be written any more.
  virtual void on_output_failed() = 0;

  /// All that was queued has left: see `channel::tell_drained`.
  virtual void on_drained() {
    // Only who asks for it is called.
  }

private:
  friend class channel;

  /// Who owns the channel now: the kernel may still be at work for it in the
  /// name of this one.
  std::shared_ptr<channel_user> next_;
};

/// A connected socket, as one loop reads and writes it. It lives as long as the
/// user that owns it, for what is under way keeps that. There is a kind for
/// each way in which the kernel can be asked; see `open_channel`.
class channel {
public:
  channel(loop& host, channel_user& user) : loop_(host), user_(&user) {
  }

  virtual ~channel() = default;

  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// Queues bytes; they leave when the loop's turn ends.
  void push(write_queue::chunk bytes);

  /// Bytes that wait for the peer to read.
  [[nodiscard]] std::size_t queued_bytes() const noexcept {
    return queue_.bytes();
  }

  /// Bytes that the system has taken for the peer.
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept {
    return sent_;
  }

  /// Writes what is queued, or has the loop's ring do it; called at the end of
  /// the loop's turn.
  virtual void flush() = 0;

  /// Writes what the socket takes, at once.
  virtual void flush_now() = 0;

  /// Starts or stops to read. What was on its way may still come.
  virtual void read(bool on) = 0;

  /// Has the user's `on_drained` called, once, when all that is queued has
  /// left. Something must be.
  void tell_drained() noexcept {
    drain_is_told_ = true;
  }

  /// Ends our side of the connection once all that is queued has left.
  void end_output();

  /// Has another user from here on, who must have become the owner.
  void hand_on(channel_user& next);

  /// The socket's number; negative once it is closed.
  [[nodiscard]] virtual int descriptor() = 0;

  /// Who gets a socket, and must close it.
  using taker = std::function<void(int descriptor)>;

  /// Stops to read, and gives the socket away once nothing is under way for it:
  /// what is queued has left, and what comes until then is told as ever. The
  /// taker is called later: whoever releases may have been called by the
  /// channel. No call to the user follows.
  void release(taker to);

  /// Ends the connection. No call to the user follows.
  virtual void close() = 0;

protected:
  /// Ends our side of the connection.
  virtual void shutdown_send() = 0;

  /// Has what reads return soon, and tell `release_later`.
  virtual void stop_reading() = 0;

  [[nodiscard]] virtual bool is_reading() const = 0;

  /// The socket is nothing of ours any more; negative if it is closed.
  [[nodiscard]] virtual int detach() = 0;

  /// Something that was under way is over: the socket can go, perhaps.
  void release_later();

  [[nodiscard]] std::shared_ptr<channel_user> keep_user() const {
    return user_->shared_from_this();
  }

  /// What is under way must keep the new user.
  virtual void on_handed_on() {
  }

  /// To be flushed at the end of the loop's turn.
  void flush_later();

  /// One gathered write of what is queued. Never waits.
  /// @returns bytes that left, or an errno, negative.
  [[nodiscard]] int write_some(int socket) const;

  /// So many bytes have left; perhaps they were the last ones.
  void on_written(std::size_t bytes);

  loop& loop_;
  channel_user* user_;
  write_queue queue_;
  std::uint64_t sent_ = 0;
  taker taker_;        ///< set while the socket is to be given away
  bool dirty_ = false; ///< waits for `flush`
  bool output_ends_ = false;
  bool drain_is_told_ = false;
};

/// A channel of the best kind that the loop's kernel offers.
[[nodiscard]] std::unique_ptr<channel>
open_channel(loop& host, stream_socket socket, channel_user& user);

} // namespace observer::io
