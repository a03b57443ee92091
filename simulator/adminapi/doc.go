// Package adminapi is the simulator's admin API for Go programs: the types that go over the wire, and a client.
//
//	client := adminapi.New("http://127.0.0.1:8081", os.Getenv("MOZARTOSIM_ADMIN_TOKEN"))
//	shop := client.Company("shard-7")
//	result, err := shop.Wait(ctx, adminapi.WaitInput{Condition: `payment.merchantReference == "order-1001" && payment.status == "approved"`})
//
// Client has the operations of the whole process and of the list of companies, CompanyClient what a test does with one
// company, BackOffice and Scenarios what sets that company up. An error that the API answered is an *Error; an
// *UnreachableError says that there was no answer.
//
// The types are the schemas of openapi/control.yaml under the same names; a test compares them in both directions. The
// simulator writes and reads its answers with them too, and keeps what happens to a payment in them. The package imports the
// standard library only.
package adminapi
