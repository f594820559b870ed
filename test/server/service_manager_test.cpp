#include "server/service_manager.h"

#include <cstring>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using yagura::server::ServiceManager;

namespace {

// A manager's own end of the socket.
class Ear {
  public:
    explicit Ear(const std::string& name) : file_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name[0] == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        REQUIRE(bind(file_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    }
    ~Ear() { close(file_); }
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    std::string heard() const {
        char word[256];
        const ssize_t size = recv(file_, word, sizeof word, MSG_DONTWAIT);
        return {word, static_cast<size_t>(size < 0 ? 0 : size)};
    }

  private:
    int file_;
};

}  // namespace

TEST_CASE("a service manager hears what it is told, by path and by abstract name") {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("yagura_{}", getpid());
    std::filesystem::remove(path);
    for (const std::string& name : {path.string(), fmt::format("@yagura-test-{}", getpid())}) {
        const Ear ear(name);
        const ServiceManager manager(name);
        CHECK(manager.tell("READY=1"));
        CHECK(ear.heard() == "READY=1");
    }
    std::filesystem::remove(path);
}

TEST_CASE("without a manager words go nowhere") {
    CHECK_FALSE(ServiceManager("").tell("READY=1"));
    CHECK_FALSE(ServiceManager("relative/path").tell("READY=1"));
    CHECK_FALSE(ServiceManager("/no/such/socket").tell("READY=1"));
    CHECK_FALSE(ServiceManager("/" + std::string(500, 'a')).tell("READY=1"));
}

TEST_CASE("what we start does not speak for us") {
    const std::string name = fmt::format("@yagura-test-env-{}", getpid());
    const Ear ear(name);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    const auto manager = ServiceManager::from_environment();
    CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
    CHECK(manager.tell("STOPPING=1"));
    CHECK(ear.heard() == "STOPPING=1");
}
