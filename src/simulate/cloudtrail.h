// Writes CloudTrail records (event version 1.11) in the field order AWS uses.
//
// Source: CloudTrail user guide, "Record contents" and "userIdentity element".
#pragma once

#include <string>
#include <string_view>

#include "simulate/actions.h"
#include "simulate/session.h"

namespace yagura::simulate {

// A call that failed. The message may use slots.
struct Failure {
    std::string_view code;     // "AccessDenied"
    std::string_view message;  // a template, see slots.h
};

// Appends one record without anything around it; returns its eventID.
std::string append_record(std::string& out,
                          const Action& action,
                          const Session& session,
                          Scene& scene,
                          const Failure* failure = nullptr);

// A failure that happens to everybody now and then, fitting the service.
const Failure& everyday_failure(const Action& action, Random& random);

// What IAM says to somebody whose policies do not allow the call.
const Failure& access_denied(const Action& action);

}  // namespace yagura::simulate
