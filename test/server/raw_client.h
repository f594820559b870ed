// A client that sends exactly the bytes it is told to, for what well-behaved ones never send.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace yagura::server {

class RawClient {
  public:
    explicit RawClient(uint16_t port, int receive_buffer = 0)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer > 0) {
            setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    ~RawClient() { leave(); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;  // the server has closed; what it said can still be read
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
    }
    void end_sending() { ::shutdown(socket_, SHUT_WR); }
    void leave() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    int descriptor() const { return socket_; }

    // Reads until `text` was seen; everything read since the last call, with it.
    std::string read_until(std::string_view text) {
        size_t found = std::string::npos;
        while ((found = buffer_.find(text)) == std::string::npos && read_more()) continue;
        const size_t end = found == std::string::npos ? buffer_.size() : found + text.size();
        std::string taken = buffer_.substr(0, end);
        buffer_.erase(0, end);
        return taken;
    }
    // Everything until the server closes; it must.
    std::string read_all() {
        while (read_more()) continue;
        CHECK(is_at_end_);
        return std::exchange(buffer_, {});
    }
    // One answer with a Content-Length, or the head of another kind.
    std::string read_answer() {
        std::string head = read_until("\r\n\r\n");
        const size_t at = head.find("Content-Length: ");
        if (at == std::string::npos) return head;
        const size_t length = std::stoul(head.substr(at + 16));
        while (buffer_.size() < length && read_more()) continue;
        head += buffer_.substr(0, length);
        buffer_.erase(0, length);
        return head;
    }
    bool is_closed() {
        while (read_more()) continue;
        return is_at_end_;
    }

  private:
    static constexpr int kPatience = 10'000;  // ms; only ever waited for by a failing test

    bool read_more() {
        pollfd waiting{socket_, POLLIN, 0};
        if (is_at_end_ || ::poll(&waiting, 1, kPatience) <= 0) return false;
        char bytes[16384];
        const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) {
            is_at_end_ = true;
            return false;
        }
        buffer_.append(bytes, static_cast<size_t>(got));
        return true;
    }

    int socket_;
    std::string buffer_;
    bool is_at_end_ = false;
};

}  // namespace yagura::server
