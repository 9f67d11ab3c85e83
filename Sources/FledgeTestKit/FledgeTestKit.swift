// FledgeTestKit
