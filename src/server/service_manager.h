// The one who started us as a service and wants to know when we are there: systemd with
// `Type=notify`, or anything else that sets $NOTIFY_SOCKET.
//
//   auto manager = ServiceManager::from_environment();  // nobody asked: every word goes nowhere
//   manager.tell("READY=1");
//
// Each word is one datagram; one that cannot be sent is dropped, as a console without its manager
// still serves. Source: sd_notify(3), "Notes" on the protocol. Used by one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace yagura::server {

class ServiceManager {
  public:
    // Takes $NOTIFY_SOCKET out of the environment, so that processes we start do not speak for us.
    static ServiceManager from_environment();

    // `socket` is a path, or a name in Linux' abstract namespace after an '@'. Others are no
    // manager.
    explicit ServiceManager(std::string_view socket);

    // "READY=1", "STOPPING=1", "STATUS=…" and the like. True when it was sent.
    bool tell(std::string_view word) const;

  private:
    std::string socket_;  // as sun_path wants it; empty: nobody asked
};

}  // namespace yagura::server
