// Who calls, from where and with what: the half of a CloudTrail record that stays the same for a
// while. A session is one credential in use: a key, a console visit, an hour of a role.
#pragma once

#include <string>
#include <string_view>

#include "simulate/slots.h"

namespace yagura::simulate {

// Somebody or something that calls AWS for as long as the incident lasts.
struct Principal {
    enum class Kind : uint8_t {
        user_key,      // an IAM user's access key in a script or on a laptop
        user_console,  // an IAM user in the browser
        federated,     // a person who came through single sign-on
        pipeline,      // a role taken with a web identity (CI)
        instance,      // an EC2 instance's role
        task,          // a container's role
        function,      // a Lambda function's role
        linked,        // a service-linked role, used by its service
        service,       // an AWS service itself
        vendor,        // a role taken from another account (monitoring vendor)
    };
    Kind kind = Kind::service;
    std::string name;     // user or role name; for services the host name (ec2.amazonaws.com)
    std::string id;       // AIDA… or AROA…
    std::string key;      // AKIA…, for user_key
    std::string address;  // where it usually calls from
    std::string user_agent;
    std::string session;  // instance id, function name, person: the role session's name
};

struct Session {
    std::string identity;  // the userIdentity object, as JSON text
    std::string address;
    std::string user_agent;
    std::string endpoint_id;  // vpce-…, empty for none
    std::string access_key;   // AKIA… or ASIA…, empty for services
    bool from_service = false;
    bool from_console = false;
};

// Opens a session: temporary credentials get their key here, addresses come from the site.
Session open_session(const Principal& principal, Scene& scene);

// The user agents of one kind of caller, with versions as scattered as they are in a company.
std::string make_user_agent(Principal::Kind kind, Random& random);

}  // namespace yagura::simulate
