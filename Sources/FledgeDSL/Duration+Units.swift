extension Duration {
    public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }

    public static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }

    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
