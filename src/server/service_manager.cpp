#include "server/service_manager.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace yagura::server {

ServiceManager ServiceManager::from_environment() {
    const char* socket = std::getenv("NOTIFY_SOCKET");
    ServiceManager manager(socket ? socket : "");
    unsetenv("NOTIFY_SOCKET");
    return manager;
}

ServiceManager::ServiceManager(std::string_view socket) {
    const bool is_abstract = socket.substr(0, 1) == "@";
    const bool is_known = is_abstract || socket.substr(0, 1) == "/";
    if (!is_known || socket.size() >= sizeof(sockaddr_un::sun_path)) return;
    socket_ = socket;
    if (is_abstract) socket_[0] = '\0';
}

bool ServiceManager::tell(std::string_view word) const {
    if (socket_.empty()) return false;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const int file = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (file < 0) return false;
    const ssize_t sent = sendto(file,
                                word.data(),
                                word.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&address),
                                size);
    close(file);
    return sent == static_cast<ssize_t>(word.size());
}

}  // namespace yagura::server
