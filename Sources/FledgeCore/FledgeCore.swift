// FledgeCore
