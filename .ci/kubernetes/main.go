//go:build ignore

// Command kubernetes builds a kustomization, reads what comes out strictly by Kubernetes's own types, checks that its parts refer
// to each other, and prints how Docker runs its pods, as JSON. .ci/test-docker builds it in a module of its own.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Pod is one pod of a deployment: its container's image and options for docker create, the name by which others reach it, how its
// readiness is asked, and how many there are.
type Pod struct {
	Name, Image string
	Options     []string
	Exec        []string
	Paths       map[string]string // of each probe, with its port
	Replicas    int32
}

type manifests struct {
	secrets  map[string]map[string]string
	services []core.Service
	sets     []set
}

// set is what Deployment and StatefulSet have in common.
type set struct {
	name     string
	replicas *int32
	template core.PodTemplateSpec
	claims   []core.PersistentVolumeClaim
}

func main() {
	pods, err := run(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(pods)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes:", err)
		os.Exit(1)
	}
}

func run(dir string) (pods []Pod, err error) {
	options := krusty.MakeDefaultOptions()
	built, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, err
	}
	m := manifests{secrets: map[string]map[string]string{}}
	for _, resource := range built.Resources() {
		text, err := resource.AsYAML()
		if err == nil {
			err = m.read(resource.GetKind(), text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", resource.GetKind(), resource.GetName(), err)
		}
	}
	for _, s := range m.sets {
		pod, err := m.pod(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		pods = append(pods, pod)
	}
	return pods, m.served()
}

func (m *manifests) read(kind string, text []byte) (err error) {
	switch kind {
	case "Secret":
		var s core.Secret
		err = yaml.UnmarshalStrict(text, &s)
		m.secrets[s.Name] = s.StringData
	case "Service":
		var s core.Service
		err = yaml.UnmarshalStrict(text, &s)
		m.services = append(m.services, s)
	case "Deployment":
		var d apps.Deployment
		err = yaml.UnmarshalStrict(text, &d)
		m.sets = append(m.sets, set{d.Name, d.Spec.Replicas, d.Spec.Template, nil})
		err = errors.Join(err, within(d.Spec.Selector.MatchLabels, d.Spec.Template.Labels))
	case "StatefulSet":
		var s apps.StatefulSet
		err = yaml.UnmarshalStrict(text, &s)
		m.sets = append(m.sets, set{s.Name, s.Spec.Replicas, s.Spec.Template, s.Spec.VolumeClaimTemplates})
		err = errors.Join(err, within(s.Spec.Selector.MatchLabels, s.Spec.Template.Labels))
	default:
		err = errors.New("this kind is not known here")
	}
	return err
}

// within says whether a selector selects what has labels.
func within(selector, labels map[string]string) error {
	for key, value := range selector {
		if labels[key] != value {
			return fmt.Errorf("%s=%s selects none of its pods", key, value)
		}
	}
	return nil
}

// served checks that each service leads to a port of some pod.
func (m *manifests) served() error {
	for _, service := range m.services {
		for _, port := range service.Spec.Ports {
			if !m.listens(service.Spec.Selector, port.TargetPort.String()) {
				return fmt.Errorf("service %s: no pod has its port %s", service.Name, port.TargetPort.String())
			}
		}
	}
	return nil
}

func (m *manifests) listens(selector map[string]string, port string) bool {
	for _, s := range m.sets {
		if _, err := number(s.template.Spec.Containers[0], port); err == nil && within(selector, s.template.Labels) == nil {
			return true
		}
	}
	return false
}

// number is the number of a container's named port.
func number(c core.Container, name string) (int32, error) {
	for _, port := range c.Ports {
		if port.Name == name {
			return port.ContainerPort, nil
		}
	}
	return 0, fmt.Errorf("container %s has no port %s", c.Name, name)
}

func (m *manifests) pod(s set) (Pod, error) {
	c, spec := s.template.Spec.Containers[0], s.template.Spec
	p := Pod{Name: s.name, Image: c.Image, Paths: map[string]string{}, Replicas: 1}
	if s.replicas != nil {
		p.Replicas = *s.replicas
	}
	if user := spec.SecurityContext.RunAsUser; user != nil {
		p.Options = append(p.Options, "--user", fmt.Sprintf("%d:%d", *user, *spec.SecurityContext.RunAsGroup))
	}
	if only := c.SecurityContext.ReadOnlyRootFilesystem; only != nil && *only {
		p.Options = append(p.Options, "--read-only")
	}
	if more := c.SecurityContext.AllowPrivilegeEscalation; more != nil && !*more {
		p.Options = append(p.Options, "--security-opt", "no-new-privileges")
	}
	if c.SecurityContext.Capabilities != nil {
		for _, capability := range c.SecurityContext.Capabilities.Drop {
			p.Options = append(p.Options, "--cap-drop", string(capability))
		}
	}
	p.Options = append(p.Options, "-m", fmt.Sprint(c.Resources.Limits.Memory().Value()))
	return p, errors.Join(m.environment(&p, c), mounts(&p, c, s), probes(&p, c))
}

func (m *manifests) environment(p *Pod, c core.Container) error {
	environment := map[string]string{}
	for _, from := range c.EnvFrom {
		secret, known := m.secrets[from.SecretRef.Name]
		if !known {
			return fmt.Errorf("there is no secret %s", from.SecretRef.Name)
		}
		maps.Copy(environment, secret)
	}
	for _, one := range c.Env {
		environment[one.Name] = one.Value
		if one.ValueFrom != nil {
			ref := one.ValueFrom.SecretKeyRef
			if environment[one.Name] = m.secrets[ref.Name][ref.Key]; environment[one.Name] == "" {
				return fmt.Errorf("secret %s has no %s", ref.Name, ref.Key)
			}
		}
	}
	for name, value := range environment {
		p.Options = append(p.Options, "-e", name+"="+value)
	}
	return nil
}

// emptyDir is the option for a folder that its user may write to. Kubernetes lets everybody; Docker keeps the mode of the image's folder.
const emptyDir = "--tmpfs %s:uid=65532"

func mounts(p *Pod, c core.Container, s set) error {
	kinds := map[string]string{}
	for _, volume := range s.template.Spec.Volumes {
		if volume.EmptyDir != nil {
			kinds[volume.Name] = emptyDir
		}
	}
	for _, claim := range s.claims {
		kinds[claim.Name] = "-v %s"
	}
	for _, mount := range c.VolumeMounts {
		if kinds[mount.Name] == "" {
			return fmt.Errorf("there is no volume %s", mount.Name)
		}
		p.Options = append(p.Options, strings.Split(fmt.Sprintf(kinds[mount.Name], mount.MountPath), " ")...)
	}
	return nil
}

func probes(p *Pod, c core.Container) error {
	for name, probe := range map[string]*core.Probe{"startup": c.StartupProbe, "readiness": c.ReadinessProbe, "liveness": c.LivenessProbe} {
		switch {
		case probe == nil:
		case probe.Exec != nil:
			p.Exec = probe.Exec.Command
		default:
			port, err := number(c, probe.HTTPGet.Port.String())
			if err != nil {
				return fmt.Errorf("%s probe: %w", name, err)
			}
			p.Paths[probe.HTTPGet.Path] = fmt.Sprint(port)
		}
	}
	return nil
}
