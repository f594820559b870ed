// A rule to begin with. Its id is new every time.
export const kTemplate = () => `title: What was done, in a few words
id: ${crypto.randomUUID()}
status: experimental
description: What it means when this happens, and what to look at first.
author:
date: ${new Date().toISOString().slice(0, 10)}
tags:
    - attack.persistence
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventSource: iam.amazonaws.com
        eventName: CreateUser
    condition: selection
falsepositives:
    - Administrators doing their work
level: medium
`;
