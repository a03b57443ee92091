package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/random"
)

// mostRequests bounds what one call generates.
const mostRequests = 1_000_000

func newGenerate() *cobra.Command {
	var n int
	var seed uint64
	var variant string
	cmd := &cobra.Command{
		Use:   "generate PSP TYPE",
		Short: "Generate random valid requests from the contract, one line of JSON each",
		Long: `Generate random valid requests from the contract, one line of JSON each: every required field, about half of the
optional ones, test cards and test vouchers only. The same seed generates the same requests.`,
		Example: `  mozartosim generate gigadat payout --variant ACH --n 5
  mozartosim generate PAYONE PAYIN --n 1000 --seed 7 > requests.jsonl`,
		Args:              cli.FlowArgs,
		ValidArgsFunction: cli.CompleteFlow,
		RunE: func(cmd *cobra.Command, args []string) error {
			if n < 1 || n > mostRequests {
				return cli.Usagef("--n %d must be between 1 and %d", n, mostRequests)
			}
			contract, err := openapi.Cashier()
			if err != nil {
				return err
			}
			op, err := cli.Operation(contract, args[0], args[1], variant)
			if err != nil {
				return err
			}
			return generate(cmd, op, n, seed)
		},
	}
	cmd.Flags().IntVarP(&n, "n", "n", 1, "how many")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "the seed of the random requests")
	cmd.Flags().StringVar(&variant, "variant", "", "ETO or ACH for Gigadat pay-outs (default: the first)")
	return cmd
}

func generate(cmd *cobra.Command, op *openapi.Operation, n int, seed uint64) error {
	generator, err := fixtures.NewGenerator(random.New(seed, "generate", op.Schema))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	for range n {
		request, err := generator.Request(op)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", request)
	}
	return out.Flush()
}
