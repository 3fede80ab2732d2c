#include "net/io/linger.hpp"

#include "net/io/loop.hpp"

#include <cstddef>
#include <utility>

namespace observer::io {

namespace {

/// Who sends more than this is not waiting for our last word.
constexpr std::size_t max_drained = std::size_t{64} * 1024 * 1024;

/// Kept by its deadline.
class lingerer final : public channel_user {
public:
  lingerer(loop& host, std::unique_ptr<channel> connection,
           std::shared_ptr<void> keep)
    : loop_(host),
      keep_(std::move(keep)),
      channel_(std::move(connection)) {
  }

  void start(timer_queue::time_point due) {
    auto self = shared_from_this();
    loop_.timers().set(deadline_, due, [this, self] { end(); });
    channel_->hand_on(*this);
    channel_->read(true);
    channel_->end_output();
  }

  void on_bytes(std::span<char> bytes) override {
    drained_ += bytes.size();
    if (drained_ >= max_drained)
      end();
  }

  void on_input_end() override {
    channel_->flush_now();
    end();
  }

  void on_output_failed() override {
    end();
  }

private:
  void end() {
    auto self = shared_from_this();
    loop_.timers().cancel(deadline_);
    channel_->close();
    keep_.reset();
  }

  loop& loop_;
  std::shared_ptr<void> keep_; ///< goes when the channel is gone
  std::unique_ptr<channel> channel_;
  timer_queue::handle deadline_;
  std::size_t drained_ = 0;
};

} // namespace

void linger(loop& host, std::unique_ptr<channel> connection,
            timer_queue::time_point due, std::shared_ptr<void> keep) {
  std::make_shared<lingerer>(host, std::move(connection), std::move(keep))
    ->start(due);
}

} // namespace observer::io
