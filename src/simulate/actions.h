// The API calls a simulated organisation makes: what each asks for and what it answers.
//
//   const Action* action = find_action("ec2:DescribeInstances");      // nullptr when there is none
//
// Rows stand in actions.def; the bodies are written after the AWS API references, by hand.
#pragma once

#include <span>
#include <string_view>

#include "simulate/slots.h"

namespace yagura::simulate {

enum class Access : uint8_t { read, write, data_read, data_write };

struct Action {
    std::string_view id;       // "ec2:DescribeInstances"
    std::string_view service;  // "ec2", as in ec2.amazonaws.com
    std::string_view name;
    Access access;
    bool global = false;  // recorded in us-east-1 wherever it is called
    Template request;
    Template response;
    Template extra;      // additionalEventData
    Template resources;  // elements of the resources array
    bool has_extra = false;
    bool has_resources = false;

    bool is_data() const { return access == Access::data_read || access == Access::data_write; }
    bool is_read_only() const { return access == Access::read || access == Access::data_read; }
};

std::span<const Action> all_actions();
const Action* find_action(std::string_view id);

}  // namespace yagura::simulate
