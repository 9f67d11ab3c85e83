// The use cases that come with Fledge.
