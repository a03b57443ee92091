package mask

// TestCards is testCards, for the test that compares them with the fixtures, which import this package.
var TestCards = testCards
