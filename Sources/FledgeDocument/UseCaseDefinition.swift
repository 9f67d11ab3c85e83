/// What a definition file says of one use case.
///
/// Parts are optional where a definition may lack them, so that validation can name every missing one at once.
public struct UseCaseDefinition: Codable, Hashable, Sendable {
    public var name: String
    public var purpose: String?
    public var owner: String?
    public var dataset: DatasetDefinition?
    public var models: [ModelDefinition]
    public var promptPrototype: PromptPrototypeDefinition?
    public var validation: ValidationDefinition?
    public var fineTune: FineTuneDefinition?
    public var production: ProductionDefinition?
    public var reports: [ReportScheduleDefinition]
    public var forecast: ForecastDefinition?
    public var costs: CostsDefinition?
    public var spend: SpendDefinition?
    /// How far ahead of others its work goes, 0 to 9; nil is 0.
    public var priority: Int?

    public init(
        name: String,
        purpose: String? = nil,
        owner: String? = nil,
        dataset: DatasetDefinition? = nil,
        models: [ModelDefinition] = [],
        promptPrototype: PromptPrototypeDefinition? = nil,
        validation: ValidationDefinition? = nil,
        fineTune: FineTuneDefinition? = nil,
        production: ProductionDefinition? = nil,
        reports: [ReportScheduleDefinition] = [],
        forecast: ForecastDefinition? = nil,
        costs: CostsDefinition? = nil,
        spend: SpendDefinition? = nil,
        priority: Int? = nil
    ) {
        self.name = name
        self.purpose = purpose
        self.owner = owner
        self.dataset = dataset
        self.models = models
        self.promptPrototype = promptPrototype
        self.validation = validation
        self.fineTune = fineTune
        self.production = production
        self.reports = reports
        self.forecast = forecast
        self.costs = costs
        self.spend = spend
        self.priority = priority
    }

    /// The text that the definition's SHA-256 is taken over: compact JSON with sorted keys.
    public var canonicalJSON: String { CanonicalJSON.text(of: self) }
}
